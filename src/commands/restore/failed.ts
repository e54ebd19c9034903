/** What went wrong with a restore, told to its user. */
export class RestoreFailed extends Error {
  override readonly name = "RestoreFailed";
}
