/** What doctor and the test commands find, with the real HTTP client against the strict doubles. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findingLines, rolesCheck, runChecks } from '../../src/bot/checks.ts';
import { BotConfig } from '../../src/bot/config.ts';
import { discordChecks } from '../../src/bot/discord/checks.ts';
import {
  channelPermissions,
  INVITE_PERMISSIONS,
  missingPermissions,
} from '../../src/bot/discord/permissions.ts';
import { slackChecks } from '../../src/bot/slack/checks.ts';
import type { SlackOptions } from '../../src/bot/slack/options.ts';
import { createSystemClock } from '../../src/platform/clock.ts';
import { createHttpClient } from '../../src/platform/http-client.ts';
import { createDiscordDouble, type DiscordDouble } from '../support/discord-double.ts';
import { createSlackDouble, type SlackDouble } from '../support/slack-double.ts';

const clock = createSystemClock();
const http = createHttpClient({ clock });

let slack: SlackDouble;
let discord: DiscordDouble;
beforeEach(async () => {
  [slack, discord] = [await createSlackDouble(), await createDiscordDouble()];
});
afterEach(async () => {
  await slack.close();
  await discord.close();
});

async function slackFindings(over: Partial<SlackOptions> = {}): Promise<readonly string[]> {
  const options: SlackOptions = {
    botToken: slack.botToken,
    appToken: slack.appToken,
    signingSecret: null,
    channel: slack.channel,
    apiUrl: slack.apiUrl,
    groups: [],
    pictures: true,
    mention: null,
    ...over,
  };
  return findingLines(await runChecks(slackChecks(options, { http, clock }), clock));
}

async function discordFindings(over: { token?: string; guild?: string; channel?: string } = {}) {
  const { token, guild, channel, apiUrl } = discord;
  const options = { token, guild, channel, apiUrl, mention: null, ...over };
  return findingLines(await runChecks(discordChecks(options, http), clock));
}

describe('slackChecks', () => {
  it('finds nothing where all is well, and leaves nothing behind', async () => {
    expect(await slackFindings()).toEqual([]);
    expect(slack.messages).toEqual([]);
    expect(slack.calls.at(-1)?.method).toMatch(/deleteScheduledMessage|connections.open/);
  });

  it.each([
    ['a wrong token', { botToken: 'xoxb-wrong' }, /SLACK_BOT_TOKEN: invalid_auth.*xoxb/],
    ['a wrong channel', { channel: 'C0OTHER' }, /C0OTHER: channel_not_found.*invite/],
    ['a wrong app token', { appToken: 'xapp-wrong' }, /Socket Mode cannot be opened: invalid_auth/],
    ['no way to be heard', { appToken: null }, /written to but not heard.*SLACK_SIGNING_SECRET/],
    ['nobody there', { apiUrl: 'http://127.0.0.1:9/api/' }, /cannot be reached: .*network/],
  ])('finds %s and says how to mend it', async (_, over, words) => {
    expect((await slackFindings(over)).join('\n')).toMatch(words);
  });

  it('finds a missing scope', async () => {
    slack.scopes(['chat:write', 'commands']);

    expect((await slackFindings({ groups: ['S0OPS'] })).join('\n')).toMatch(
      /lacks files:write, usergroups:read\. Add it under OAuth/,
    );
  });
});

describe('discordChecks', () => {
  it('finds nothing where all is well', async () => {
    expect(await discordFindings()).toEqual([]);
  });

  it.each([
    ['a wrong token', { token: 'wrong' }, /DISCORD_TOKEN.*Reset the token/],
    [
      'a server without the bot',
      { guild: '200000000000000099' },
      /not in the server.*client_id=100000000000000001.*permissions=309237763072/,
    ],
    ['a wrong channel', { channel: '300000000000000099' }, /does not see the channel.*DISCORD_CHANNEL_ID/],
  ])('finds %s and says how to mend it', async (_, over, words) => {
    expect((await discordFindings(over)).join('\n')).toMatch(words);
  });

  it('finds what the bot may not do in the channel', async () => {
    discord.deny(['Attach Files', 'Create Public Threads']);

    expect((await discordFindings()).join('\n')).toMatch(
      /lacks: Attach Files, Create Public Threads\. Give them to its role/,
    );
  });
});

describe('channelPermissions', () => {
  const [guild, user] = ['1', '2'];
  const all = INVITE_PERMISSIONS;

  it.each([
    ['roles of the server', [], []],
    [
      'a rule of the channel that takes one away from everybody',
      [{ id: guild, deny: '2048', allow: '0' }],
      ['Send Messages'],
    ],
    [
      'a rule that gives it back to a role',
      [
        { id: guild, deny: '2048', allow: '0' },
        { id: '9', deny: '0', allow: '2048' },
      ],
      [],
    ],
    [
      'a rule for the bot itself, which is the last word',
      [
        { id: '9', deny: '0', allow: '2048' },
        { id: user, deny: '2048', allow: '0' },
      ],
      ['Send Messages'],
    ],
  ])('counts %s', (_, rules, missing) => {
    const roles = [
      { id: guild, permissions: '0' },
      { id: '9', permissions: all },
      { id: '8', permissions: '8' },
    ];
    const held = channelPermissions({
      guild,
      user,
      roles,
      member: { roles: ['9'] },
      channel: { permission_overwrites: rules },
    });

    expect(missingPermissions(held)).toEqual(missing);
  });

  it('takes an administrator for one who may all', () => {
    const roles = [{ id: '8', permissions: '8' }];
    const held = channelPermissions({ guild, user, roles, member: { roles: ['8'] }, channel: {} });

    expect(missingPermissions(held)).toEqual([]);
  });
});

describe('rolesCheck', () => {
  it('finds a surface where nobody may say yes', async () => {
    const config = BotConfig.parse({ people: [{ name: 'ada', roles: ['approver'], slack: ['U1'] }] });

    expect((await rolesCheck('slack', () => config).run()).kind).toBe('ok');
    expect(await rolesCheck('discord', () => config).run()).toMatchObject({
      kind: 'finding',
      mend: expect.stringContaining('discordRoles'),
    });
  });
});
