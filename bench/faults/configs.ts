/** What the bot of the bench is told: the shipped figures, and what no shipped file can know. Pure. */

import { readFileSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';
import { join } from 'node:path';
import type { World } from './world.ts';

/** The host must survive the fault, so its memory counts as short before it is: so much above what is used now. */
const MEMORY_ROOM_PERCENT = 12;
const SHIPPED = join(import.meta.dirname, '../../configs');
export const GITHUB_SECRET = 'bench-secret-0123456789';

export function configsOf(world: World, shipped: readonly unknown[]): Readonly<Record<string, unknown>> {
  const { folder, disk, shop, stock } = world;
  const probe = (name: string, port: number): object => ({
    name,
    url: `http://127.0.0.1:${port}/`,
    target: name,
  });
  const memory = shipped.map((entry) =>
    isMemory(entry) ? { ...entry, warnPercent: memoryLimit(), criticalPercent: 95 } : entry,
  );
  return {
    'anomaly_detection_config.json': {
      ...(disk === null ? {} : { mounts: [disk] }),
      probes: [probe('shop', shop.port), probe('stock', stock.port)],
      thresholds: memory,
    },
    'healing_strategies.json': readFileSync(join(SHIPPED, 'healing_strategies.json'), 'utf8'),
    'targets.json': {
      targets: [
        { name: 'stock', kind: 'http', controls: control(stock.port) },
        { name: 'shop', kind: 'http', dependsOn: ['stock'], controls: control(shop.port) },
      ],
      queues: [{ engine: 'embedded', name: 'default', concurrency: 1, criticalSlots: 0 }],
    },
    'workers.json': {
      workers: [{ name: 'importer', command: ['node', `${folder}/importer.mjs`], onBotStop: 'stop' }],
      tasks: [{ name: 'send-invoice', command: ['node', `${folder}/invoice.mjs`], timeLimitSeconds: 600 }],
    },
    'bot.json': {
      webhooks: {
        sources: [{ source: 'github', secretFile: 'github.secret', deploys: [{ target: 'shop' }] }],
      },
    },
    'github.secret': GITHUB_SECRET,
  };
}

function memoryLimit(): number {
  return Math.round(100 * (1 - freemem() / totalmem())) + MEMORY_ROOM_PERCENT;
}

function control(port: number): object {
  return { restart: { url: `http://127.0.0.1:${port}/restart` } };
}

function isMemory(entry: unknown): entry is object {
  return typeof entry === 'object' && entry !== null && 'metric' in entry && entry.metric === 'memory';
}
