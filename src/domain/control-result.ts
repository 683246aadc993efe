/** What a changing call came to, whatever it changed. */

/** What a changing call came to, for commands that have nothing more to tell. */
export type ControlResult =
  | { readonly kind: 'done'; readonly text: string }
  | { readonly kind: 'would'; readonly text: string }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'not_found'; readonly reason: string };
