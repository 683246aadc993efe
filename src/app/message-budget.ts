/** The one message budget of two files: what a person or resource_budget.json set holds over that of bot.json. */
import type { BotConfig } from '../bot/config.ts';
import type { Live } from '../domain/ports.ts';
import type { OptimizerConfig } from '../optimizer/config.ts';
import type { Optimizer } from '../optimizer/optimizer.ts';
import type { LiveConfig } from './live-config.ts';

/** As the outbox holds it. */
export function withMessageBudget(
  live: LiveConfig,
  optimizer: Pick<Optimizer, 'messageBudget'>,
): Live<BotConfig> {
  return {
    current() {
      const { bot } = live.current();
      const budget = optimizer.messageBudget();
      return budget === null ? bot : { ...bot, messageBudgetPerHour: budget };
    },
  };
}

/** As the optimizer shows it: where its own file names none, that of bot.json counts. */
export function withBotMessages({
  optimizer,
  bot,
}: {
  readonly optimizer: OptimizerConfig;
  readonly bot: Pick<BotConfig, 'messageBudgetPerHour'>;
}): OptimizerConfig {
  const messagesPerHour = optimizer.budgets.messagesPerHour ?? bot.messageBudgetPerHour;
  return { ...optimizer, budgets: { ...optimizer.budgets, messagesPerHour } };
}
