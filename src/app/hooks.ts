/** Joins inbound webhooks to what they need: secrets of the configuration folder, the names of targets, the bus. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createHookDesk, type HookDesk } from '../bot/webhook/inbound.ts';
import type { Config } from './config-shape.ts';
import type { Built } from './rooms.ts';

export function createHooks(built: Built): HookDesk {
  const { env, live, bus, log } = built;
  return createHookDesk({
    ...built,
    config: live.room('bot'),
    apiToken: built.token,
    readSecret(file) {
      try {
        return readFileSync(resolve(env.configFolder, file), 'utf8').trim() || null;
      } catch (cause) {
        log.warn('webhook secret cannot be read', { file, code: (cause as NodeJS.ErrnoException).code });
        return null;
      }
    },
    targets: () => targetNames(live.current()),
    onDeploy: (text, target) => bus.publish({ type: 'deploy.changed', text, target }),
  });
}

function targetNames({ targets, workers }: Config): readonly string[] {
  return [...targets.targets.map(({ name }) => name), ...workers.workers.map(({ name }) => name)];
}
