// BullMQ's worker, as its documentation starts one: one process, many jobs at a time.
// Usage: node worker.mjs '{"host":…,"port":…,"queue":…,"concurrency":50,"keep":true,"folder":…}'
import { openSync, writeSync } from 'node:fs';
import { Worker } from 'bullmq';

const options = JSON.parse(process.argv[2]);
const file = openSync(`${options.folder}/latency-${process.pid}`, 'a');

const worker = new Worker(
  options.queue,
  async (job) => {
    if (job.name === 'stamp') writeSync(file, `${process.hrtime.bigint() - BigInt(job.data[0])}\n`);
    return null;
  },
  {
    connection: { host: options.host, port: options.port, maxRetriesPerRequest: null },
    concurrency: options.concurrency,
    ...(options.keep ? {} : { removeOnComplete: { count: 0 } }),
  },
);
worker.on('error', (error) => console.error(error));
process.on('SIGTERM', () => process.exit(0));
