/** The words of outbound webhooks: which events leave the house, and in which dress. */

/** In the order of docs/webhooks.md. */
export const OUTBOUND_EVENTS = [
  'incident.opened',
  'incident.updated',
  'incident.resolved',
  'action.proposed',
  'action.approved',
  'action.denied',
  'action.expired',
  'action.started',
  'action.finished',
  'backup.completed',
  'backup.failed',
  'backup.verified',
  'drill.finished',
  'restore.started',
  'restore.waiting',
  'restore.finished',
  'restore.rolled_back',
  'budget.exceeded',
  'throttle.changed',
  'freeze.changed',
  'self.unhealthy',
  'test',
] as const;
export type OutboundEventType = (typeof OUTBOUND_EVENTS)[number];

/** `signed` is our own JSON with our signature; the others speak the language of who receives. */
export const PRESETS = [
  'signed',
  'slack',
  'discord',
  'ntfy',
  'pagerduty',
  'alertmanager',
  'healthchecks',
  'sms',
] as const;
export type PresetId = (typeof PRESETS)[number];
