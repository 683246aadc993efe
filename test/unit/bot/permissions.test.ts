import { describe, expect, it } from 'vitest';
import { BotConfig } from '../../../src/bot/config.ts';
import { actorLabel, chatActor, localActor, mappedPeople, tokenActor } from '../../../src/bot/permissions.ts';
import { mayAct, ROLES, type Role } from '../../../src/domain/approval.ts';

const config = BotConfig.parse({
  people: [
    { name: 'ada', roles: ['operator', 'approver'], slack: ['U1'], discord: ['111'] },
    { name: 'ben', roles: ['responder'], slack: ['U2'] },
  ],
  groups: [{ role: 'approver', slackGroups: ['S9'] }],
});

const user = (id: string, groups: readonly string[] = [], display = 'somebody') => ({ id, display, groups });

describe('chatActor', () => {
  const table: readonly [
    string,
    'slack' | 'discord',
    ReturnType<typeof user>,
    string | null,
    readonly Role[],
  ][] = [
    ['gives a mapped person their roles', 'slack', user('U1'), 'ada', ['viewer', 'operator', 'approver']],
    [
      'knows the same person on the other platform',
      'discord',
      user('111'),
      'ada',
      ['viewer', 'operator', 'approver'],
    ],
    ['does not take an id of the other platform', 'discord', user('U1'), null, ['viewer']],
    ['leaves an unmapped user a viewer', 'slack', user('U7'), null, ['viewer']],
    ['never looks at the display name', 'slack', user('U7', [], 'ada'), null, ['viewer']],
    ['adds the role of a mapped group', 'slack', user('U7', ['S9']), null, ['viewer', 'approver']],
    ['does not take a group of the other platform', 'discord', user('7', ['S9']), null, ['viewer']],
    ['joins person and group', 'slack', user('U2', ['S9']), 'ben', ['viewer', 'responder', 'approver']],
    ['takes an empty id for nobody', 'slack', user(''), null, ['viewer']],
  ];

  it.each(table)('%s', (_, surface, platformUser, person, roles) => {
    const found = chatActor(surface, platformUser, config);

    expect(found.person).toBe(person);
    expect(found.roles).toEqual(roles);
  });

  it('gives nobody the approver role where no list names one', () => {
    const nobody = BotConfig.parse({});

    expect(mayAct(chatActor('discord', user('1', ['2', '3']), nobody), 'approver')).toBe(false);
  });
});

describe('localActor', () => {
  it('has every role and is the local person', () => {
    const found = localActor('cli', config);

    expect(found.roles).toEqual(ROLES);
    expect(actorLabel(found)).toBe('cli:local');
  });

  it('is the person who is marked local, so that their yes in the terminal is not a second one', () => {
    const withAda = BotConfig.parse({
      people: [{ name: 'ada', roles: ['operator'], slack: ['U1'], local: true }],
    });

    expect(localActor('web', withAda).person).toBe('ada');
    expect(mappedPeople(withAda)).toEqual(['ada']);
  });
});

describe('tokenActor', () => {
  it.each([
    ['read', ['viewer']],
    ['act', ['viewer', 'responder', 'operator']],
    ['approve', ['viewer', 'approver']],
  ] as const)('gives scope %s the roles %j and no person', (scope, roles) => {
    const found = tokenActor({ name: 'ci', scopes: [scope] });

    expect(found.roles).toEqual(roles);
    expect(found.person).toBeNull();
    expect(actorLabel(found)).toBe('api:token:ci');
  });
});

describe('mappedPeople', () => {
  it('is the holder of the local token alone as shipped', () => {
    expect(mappedPeople(BotConfig.parse({}))).toEqual(['local']);
  });
});
