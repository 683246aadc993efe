import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { neededScopes } from '../../../../src/bot/slack/scopes.ts';
import { SLACK_METHODS } from '../../../support/slack-rules.ts';

/** What the manifest page of Slack takes, as far as we use it. */
const manifestSchema = z.strictObject({
  display_information: z.strictObject({
    name: z.string().max(35),
    description: z.string().max(140),
    background_color: z.string().regex(/^#[0-9a-f]{6}$/),
  }),
  features: z.strictObject({
    bot_user: z.strictObject({ display_name: z.string().max(80), always_online: z.boolean() }),
    slash_commands: z.array(
      z.strictObject({
        command: z.string().regex(/^\/[a-z-]{1,31}$/),
        description: z.string().max(2_000),
        usage_hint: z.string().max(1_000),
        should_escape: z.literal(false),
      }),
    ),
  }),
  oauth_config: z.strictObject({
    scopes: z.strictObject({ bot: z.array(z.string()), bot_optional: z.array(z.string()) }),
  }),
  settings: z.strictObject({
    interactivity: z.strictObject({ is_enabled: z.literal(true) }),
    org_deploy_enabled: z.literal(false),
    socket_mode_enabled: z.literal(true),
    token_rotation_enabled: z.literal(false),
  }),
});

describe('slack/manifest.json', () => {
  const manifest = manifestSchema.parse(
    JSON.parse(readFileSync(new URL('../../../../slack/manifest.json', import.meta.url), 'utf8')),
  );

  it('asks for the scopes of the methods that are called and of /ops, and for no other', () => {
    const needed = Object.values(SLACK_METHODS).flatMap(({ scope }) => (scope === null ? [] : [scope]));
    const ofBot = needed.filter((scope) => scope !== 'connections:write');
    const wanted = new Set([...ofBot, 'commands', 'groups:history']);

    expect([...manifest.oauth_config.scopes.bot].sort()).toEqual([...wanted].sort());
  });

  it('leaves to the person who installs it what Nightshift works without', () => {
    const { bot, bot_optional: optional } = manifest.oauth_config.scopes;
    const demanded = bot.filter((scope) => !optional.includes(scope));

    expect(demanded.sort()).toEqual([...neededScopes({ groups: [], pictures: true })].sort());
    expect(optional.filter((scope) => !bot.includes(scope))).toEqual([]);
  });

  it('declares the one command that is listened to', () => {
    expect(manifest.features.slash_commands.map(({ command }) => command)).toEqual(['/ops']);
  });
});
