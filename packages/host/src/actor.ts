// The actor: a pure state machine over messages. The host does everything else.
//
// What an actor decides are messages of its own topic (the host adds the envelope and publishes them) and
// notes. A note's type begins with `note.`: it is remembered in the state and never published.

/** Something an actor remembers and tells nobody. */
export interface Note {
  readonly type: `note.${string}`;
  readonly data: unknown;
}

export interface Actor<State, Input, Event> {
  readonly initialState: State;
  readonly decide: (input: Input, state: State, now: Date) => readonly Event[];
  readonly evolve: (state: State, event: Event) => State;
}
