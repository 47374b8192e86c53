# result: 6
import asyncio


async def main():
    async def one(n):
        await asyncio.sleep(0.01)
        return n
    return sum(await asyncio.gather(one(1), one(2), one(3)))
