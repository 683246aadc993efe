/** Webhooks of a bot that has none, for tests that are not about them. */
import type { WebhookDesk } from '../../src/domain/outside.ts';

export const noWebhooks: WebhookDesk = {
  addresses: () => [],
  waiting: () => [],
  dead: () => [],
  test: async () => [],
  replay: async () => 0,
};
