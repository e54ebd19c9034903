import { UserError } from "../../errors.ts";

/** Thrown if a restore fails. */
export class RestoreFailed extends UserError {
  override readonly name = "RestoreFailed";
}
