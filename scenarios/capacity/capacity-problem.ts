/** A resource of which there is too little: the parts of an error message. */
export interface CapacityProblem {
  /** Resources that the trial needs, as a clause after "ws with 5 clients needs". */
  needs: string;
  /** Resources that the machine has, as a clause after "and". */
  limit: string;
  /** Remedy other than fewer clients, as a clause after "or". */
  remedy: string;
}
