// Sends jobs with BullMQ and says in one line of JSON how long it took.
// Usage: node producer.mjs '{"host":…,"port":…,"queue":…,"kind":"fill|flood|pace",…}'
import { Queue } from 'bullmq';

const options = JSON.parse(process.argv[2]);
const queue = new Queue(options.queue, { connection: { host: options.host, port: options.port } });
const perSecond = 1e9;
const now = () => process.hrtime.bigint();
const seconds = (since) => Number(now() - since) / perSecond;
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const noops = (count) => Array.from({ length: count }, () => ({ name: 'noop', data: [1, 2] }));

const send = (count) => (count === 1 ? queue.add('noop', [1, 2]) : queue.addBulk(noops(count)));

async function fill() {
  for (let left = options.count; left > 0; left -= 1000) await send(Math.min(1000, Math.max(2, left)));
  return options.count;
}

async function flood() {
  for (let i = 0; i < options.warmup; i++) await send(options.batch);
  let sent = 0;
  const begin = now();
  await Promise.all(
    Array.from({ length: options.callers }, async () => {
      while (seconds(begin) < options.seconds) {
        await send(options.batch);
        sent += options.batch;
      }
    }),
  );
  return { sent, seconds: seconds(begin) };
}

async function pace() {
  let sent = 0;
  const begin = now();
  const waiting = new Set();
  while (sent < options.count) {
    const due = Math.min(options.count, Math.floor(seconds(begin) * options.rate) + 1) - sent;
    if (due > 0) {
      const stamp = () => ({ name: 'stamp', data: [now().toString()] });
      const one = due === 1 ? stamp() : null;
      const call = one ? queue.add(one.name, one.data) : queue.addBulk(Array.from({ length: due }, stamp));
      waiting.add(call);
      call.then(() => waiting.delete(call));
      sent += due;
    }
    await sleep(1);
  }
  const elapsed = seconds(begin);
  await Promise.all(waiting);
  return { sent, seconds: elapsed };
}

await queue.waitUntilReady();
const begin = now();
const outcome = await { fill, flood, pace }[options.kind]();
console.log(JSON.stringify(options.kind === 'fill' ? { sent: outcome, seconds: seconds(begin) } : outcome));
await queue.close();
