# result: 42
import multiprocessing


def work(queue):
    queue.put(42)


def main():
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    child = context.Process(target=work, args=(queue,))
    child.start()
    answer = queue.get(timeout=20)
    child.join()
    return answer
