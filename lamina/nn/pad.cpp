#include "lamina/nn/pad.h"

namespace lamina::nn {

namespace {

constexpr const char* kSides =
    "how much is added: one number for all sides, or left and right of the last dimension, then of the one before it, "
    "and "
    "so on; a negative number crops";
constexpr const char* kSpace[] = {"(N, C, L) → (N, C, L'), or without N", "(N, C, H, W) → (N, C, H', W'), or without N",
                                  "(N, C, D, H, W) → (N, C, D', H', W'), or without N"};
constexpr const char* kAny[] = {"(*, L) → (*, L')", "(*, H, W) → (*, H', W')", "(*, D, H, W) → (*, D', H', W')"};

constexpr const char* word(PadKind k) {
  return k == PadKind::Reflection ? "Reflection" : k == PadKind::Replication ? "Replication" : "Circular";
}
constexpr const char* mode(PadKind k) {
  return k == PadKind::Reflection ? "reflect" : k == PadKind::Replication ? "replicate" : "circular";
}
constexpr const char* formula(PadKind k) {
  switch (k) {
    case PadKind::Reflection: return "…cb|abc|ba…: the input mirrored at its border, which is not repeated";
    case PadKind::Replication: return "…aa|abc|cc…: the input's border repeated";
    default: return "…bc|abc|ab…: the input's other end";
  }
}
constexpr const char* notes(PadKind k) {
  switch (k) {
    case PadKind::Reflection: return "Padding must be smaller than the dimension that it reflects.";
    case PadKind::Replication: return "";
    default: return "Padding may go round once: it is at most what cropping leaves of the dimension.";
  }
}

}  // namespace

template <PadKind K, int N>
Tensor PadImpl<K, N>::forward(const Tensor& input) {
  return ops::pad(input, padding.shape(), mode(K));
}

template <PadKind K, int N>
const Declaration& PadImpl<K, N>::declared() {
  using L = PadImpl<K, N>;
  static const Declaration d =
      Declare<L>{.name = str(word(K), "Pad", N, "d"),
                 .formula = formula(K),
                 .shape = kSpace[N - 1],
                 .source = str("torch.nn.", word(K), "Pad", N, "d"),
                 .notes = notes(K),
                 .required = {{"padding", &L::padding, kSides, Show::Positional}},
                 .options = {},
                 .construct = [](const Arguments& a, const NoOptions&) { return new L(a.get<Sides<N>>(0)); }};
  return d;
}

template <int N>
Tensor ConstantPadImpl<N>::forward(const Tensor& input) {
  return ops::pad(input, padding.shape(), "constant", value);
}

template <int N>
const Declaration& ConstantPadImpl<N>::declared() {
  using L = ConstantPadImpl<N>;
  static const Declaration d = Declare<L>{
      .name = str("ConstantPad", N, "d"),
      .formula = "…vv|abc|vv…: the input between values v",
      .shape = kAny[N - 1],
      .source = str("torch.nn.ConstantPad", N, "d"),
      .notes = "",
      .required = {{"padding", &L::padding, kSides}, {"value", &L::value, "what the padding holds"}},
      .options = {},
      .construct = [](const Arguments& a, const NoOptions&) { return new L(a.get<Sides<N>>(0), a.get<Scalar>(1)); }};
  return d;
}

template <int N>
const Declaration& ZeroPadImpl<N>::declared() {
  using L = ZeroPadImpl<N>;
  static const Declaration d =
      Declare<L>{.name = str("ZeroPad", N, "d"),
                 .formula = "…00|abc|00…: the input between zeros",
                 .shape = kAny[N - 1],
                 .source = str("torch.nn.ZeroPad", N, "d"),
                 .notes = "",
                 .required = {{"padding", &L::padding, kSides, Show::Positional}},
                 .options = {},
                 .construct = [](const Arguments& a, const NoOptions&) { return new L(a.get<Sides<N>>(0)); }};
  return d;
}

template class PadImpl<PadKind::Reflection, 1>;
template class PadImpl<PadKind::Reflection, 2>;
template class PadImpl<PadKind::Reflection, 3>;
template class PadImpl<PadKind::Replication, 1>;
template class PadImpl<PadKind::Replication, 2>;
template class PadImpl<PadKind::Replication, 3>;
template class PadImpl<PadKind::Circular, 1>;
template class PadImpl<PadKind::Circular, 2>;
template class PadImpl<PadKind::Circular, 3>;
template class ConstantPadImpl<1>;
template class ConstantPadImpl<2>;
template class ConstantPadImpl<3>;
template class ZeroPadImpl<1>;
template class ZeroPadImpl<2>;
template class ZeroPadImpl<3>;

}  // namespace lamina::nn
