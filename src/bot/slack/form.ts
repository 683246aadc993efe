/** A command that lacks something, as a modal; and what comes back from it as the command's text. Pure. */
import { inert } from '../inert.ts';
import type { CommandForm, CommandShape } from '../surface.ts';
import { lines, plainText } from './text.ts';

export const FORM = 'ops-form';
const TITLE = 24;
const LABEL = 100;
const OPTIONS = 100;
const OPTION_TEXT = 75;
const OPTION_VALUE = 150;
const METADATA = 2_900;
const INPUT = 'value';

interface FormOption {
  readonly text: ReturnType<typeof plainText>;
  readonly value: string;
}

/** `null` where nothing can be asked. @param said Why the command was not run. */
export function formView(
  form: CommandForm,
  shapes: readonly CommandShape[],
  { said, channel }: { readonly said: string; readonly channel: string },
): object | null {
  const words = form.words.join(' ');
  const shape = shapes.find((each) => each.words.join(' ') === words);
  if (shape === undefined || shape.options.length === 0) return null;
  const metadata = JSON.stringify({ words, channel });
  if (metadata.length > METADATA) return null;
  return {
    type: 'modal',
    callback_id: FORM,
    private_metadata: metadata,
    title: plainText(`/ops ${words}`, TITLE),
    submit: plainText('Run', TITLE),
    close: plainText('Cancel', TITLE),
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: lines(said, 600) || 'What for?', verbatim: true } },
      ...shape.options.map((option) => inputBlock(option, form)),
    ],
  };
}

/** The words and options that were sent, as a person would have typed them; `null` for another modal. */
export function readForm(view: {
  readonly callback_id?: string;
  readonly private_metadata?: string;
  readonly state?: { readonly values?: unknown };
}): { readonly text: string; readonly channel: string } | null {
  if (view.callback_id !== FORM) return null;
  const { words, channel } = JSON.parse(view.private_metadata ?? '{}') as {
    words?: unknown;
    channel?: unknown;
  };
  if (typeof words !== 'string' || typeof channel !== 'string') return null;
  const values = Object.entries((view.state?.values ?? {}) as Record<string, Record<string, unknown>>);
  const options = values.flatMap(([name, inputs]) => {
    const value = saidIn(inputs[INPUT]);
    return value === '' ? [] : [`${name}:"${value.replaceAll(/["\\]/g, '\\$&')}"`];
  });
  return { text: [words, ...options].join(' '), channel };
}

function inputBlock(option: CommandShape['options'][number], form: CommandForm): object {
  return {
    type: 'input',
    block_id: option.name,
    label: plainText(`${option.name}: ${option.summary}`, LABEL),
    optional: !option.required,
    element: element(option, form),
  };
}

function element(option: CommandShape['options'][number], form: CommandForm): object {
  const given = form.given[option.name];
  const choices = choicesOf(option, form);
  if (choices.length === 0) {
    const initial = given === undefined ? {} : { initial_value: inert(given).slice(0, 3_000) };
    return { type: 'plain_text_input', action_id: INPUT, ...initial };
  }
  const chosen = choices.find(({ value }) => value === given);
  const initial = chosen === undefined ? {} : { initial_option: chosen };
  return { type: 'static_select', action_id: INPUT, options: choices, ...initial };
}

function choicesOf(option: CommandShape['options'][number], form: CommandForm): readonly FormOption[] {
  const offered =
    option.type === 'boolean'
      ? ['true', 'false'].map((value) => ({ value, label: value === 'true' ? 'yes' : 'no' }))
      : option.choices.length > 0
        ? option.choices.map((value) => ({ value, label: value }))
        : (form.suggestions[option.name] ?? []);
  return offered
    .filter(({ value }) => value.length <= OPTION_VALUE)
    .slice(0, OPTIONS)
    .map(({ value, label }) => ({ text: plainText(label, OPTION_TEXT), value }));
}

function saidIn(input: unknown): string {
  const { value, selected_option: chosen } = (input ?? {}) as {
    readonly value?: unknown;
    readonly selected_option?: { readonly value?: unknown } | null;
  };
  const said = chosen?.value ?? value;
  return typeof said === 'string' ? said.trim() : '';
}
