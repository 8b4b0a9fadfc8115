//: error inout argument could be set to a value with a type other than 'MutableSpan<UInt8>'
import Sum

func clear(_ span: inout MutableSpan<UInt8>) {
  fill_nullable(&span)
}
