//: traps Unexpectedly found nil while unwrapping an Optional value
import Sum

print(sum_nonnull(Span()))
