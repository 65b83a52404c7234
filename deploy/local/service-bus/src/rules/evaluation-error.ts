// Evaluating a rule on a message failed: what Microsoft documents as a filter exception. The text
// names types and properties, never their values.

export class EvaluationError extends Error {
  override readonly name = "EvaluationError";
}
