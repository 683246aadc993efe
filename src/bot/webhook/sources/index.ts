/** Every source that may send to `POST /hooks/<source>/<token>`, and how its body is read. */
import type { HookInput, HookReading } from '../message.ts';
import { readAlertmanager } from './alertmanager.ts';
import { readGeneric } from './generic.ts';
import { readGithub } from './github.ts';
import { readHealthchecks } from './healthchecks.ts';
import { readSns } from './sns.ts';
import { readUptimeKuma } from './uptime-kuma.ts';

export const SOURCES = [
  'alertmanager',
  'grafana',
  'uptime-kuma',
  'healthchecks',
  'github',
  'sns',
  'generic',
] as const;
export type SourceId = (typeof SOURCES)[number];

export const READERS: Readonly<Record<SourceId, (input: HookInput) => HookReading>> = {
  alertmanager: readAlertmanager,
  grafana: readAlertmanager,
  'uptime-kuma': readUptimeKuma,
  healthchecks: readHealthchecks,
  github: readGithub,
  sns: readSns,
  generic: readGeneric,
};
