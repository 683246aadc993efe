/** Joins webhooks to what they need: secrets of the configuration folder, the names of targets, the bus. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createHookDesk, type HookDesk } from '../bot/webhook/inbound.ts';
import { createOutbound, type Outbound } from '../bot/webhook/outbound.ts';
import { publicNames } from '../platform/address-guard.ts';
import { createHttpClient } from '../platform/http-client.ts';
import type { Config } from './config-shape.ts';
import type { Built } from './rooms.ts';

export function createHooks(built: Built): HookDesk {
  const { live, bus } = built;
  return createHookDesk({
    ...built,
    config: live.room('bot'),
    apiToken: built.token,
    readSecret: secretReader(built),
    targets: () => targetNames(live.current()),
    onDeploy: (text, target) => bus.publish({ type: 'deploy.changed', text, target }),
  });
}

/** Connects to addresses of the public internet only, whatever a name points at. */
export function createSinks(built: Built, isWell: () => boolean): Outbound {
  const { clock, names } = built;
  return createOutbound({
    ...built,
    config: built.live.room('bot'),
    host: built.env.hostname,
    publicHttp: createHttpClient({ clock, names: publicNames(names) }),
    readSecret: secretReader(built),
    isWell,
  });
}

function secretReader({ env, log }: Built): (file: string) => string | null {
  return (file) => {
    try {
      return readFileSync(resolve(env.configFolder, file), 'utf8').trim() || null;
    } catch (cause) {
      log.warn('webhook secret cannot be read', { file, code: (cause as NodeJS.ErrnoException).code });
      return null;
    }
  };
}

function targetNames({ targets, workers }: Config): readonly string[] {
  return [...targets.targets.map(({ name }) => name), ...workers.workers.map(({ name }) => name)];
}
