"""One dialogue a file: what the telephone asks, what it does with the answer, and the sentence it ends with."""
