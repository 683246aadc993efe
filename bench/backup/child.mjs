/** Runs jobs of the backup room as the bot runs them, in their thread, and prints what they took. */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';

const [build, jobs] = process.argv.slice(2);
const { runJob, createThreadHolder } = await import(`${build}/backup/thread.js`);
const { createSystemClock } = await import(`${build}/platform/clock.js`);

const threads = createThreadHolder();
const delay = monitorEventLoopDelay({ resolution: 10 });
const begun = performance.now();
delay.enable();
const results = [];
for (const job of JSON.parse(jobs)) {
  results.push(await runJob(job, { clock: createSystemClock(), timeLimit: 3_600_000, threads }));
}
delay.disable();
const wall = (performance.now() - begun) / 1_000;
await threads.close();
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
process.stdout.write(
  JSON.stringify({
    results,
    wall,
    cpu: (userCPUTime + systemCPUTime) / 1e6,
    rssMb: maxRSS / 1_024,
    loopP99Ms: delay.percentile(99) / 1e6,
  }),
);
