# result: true
import copy
import pickle


class Thing:
    def __init__(self, size):
        self.size = size


def main():
    return pickle.loads(pickle.dumps(copy.deepcopy(Thing(3)))).size == 3
