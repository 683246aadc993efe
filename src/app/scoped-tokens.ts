/** The scoped API tokens of bot.json, each read from its own file; read again with every new configuration. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { BotConfig } from '../bot/config.ts';
import type { ScopedToken } from '../bot/web/deps.ts';
import type { Live, Logger } from '../domain/ports.ts';

export function createScopedTokens(
  folder: string,
  config: Live<BotConfig>,
  log: Logger,
): Live<readonly ScopedToken[]> {
  let readFor: BotConfig | undefined;
  let tokens: readonly ScopedToken[] = [];
  return {
    current() {
      const now = config.current();
      if (now !== readFor) {
        tokens = now.tokens.flatMap((entry) => readToken(folder, entry, log));
        readFor = now;
      }
      return tokens;
    },
  };
}

function readToken(
  folder: string,
  { name, scopes, tokenFile }: BotConfig['tokens'][number],
  log: Logger,
): readonly ScopedToken[] {
  try {
    const token = readFileSync(resolve(folder, tokenFile), 'utf8').trim();
    if (token.length >= 16) return [{ name, scopes, token }];
    log.warn('scoped token is too short and is not accepted', { name, expected: 'at least 16 characters' });
  } catch (cause) {
    log.warn('scoped token cannot be read', {
      name,
      file: tokenFile,
      code: (cause as NodeJS.ErrnoException).code,
    });
  }
  return [];
}
