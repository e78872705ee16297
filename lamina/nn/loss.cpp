#include "lamina/nn/loss.h"

#include "lamina/ops/loss.h"

namespace lamina::nn {

namespace {

// The older options decide once, as in PyTorch: afterwards `reduction` says it all.
template <class O>
O settled(O options) {
  const ops::Reduction r = ops::reduction_of(options.reduction, options.size_average, options.reduce);
  if (options.size_average || options.reduce)
    options.reduction = r == ops::Reduction::None ? "none" : r == ops::Reduction::Sum ? "sum" : "mean";
  options.size_average = options.reduce = std::nullopt;
  return options;
}

const char* const kReduction = "\"mean\", \"sum\", or \"none\" for the losses of single elements";
const char* const kOlder = "older form of reduction";
const char* const kSameShapes = "input (*), target (*) of the same shape → () or, with reduction=\"none\", (*)";
const char* const kClassShapes =
    "input (N, C), (N, C, d1, …) or (C), target (N), (N, d1, …) or () → () or, with reduction=\"none\", the target's "
    "shape";

}  // namespace

Tensor LossModule::operator()(const Tensor& input, const Tensor& target) {
  try {
    return forward(input, target);
  } catch (Error& e) {
    note_failure(e);
    throw;
  }
}

// ---- classes -------------------------------------------------------------------------------------------------------

CrossEntropyLossImpl::CrossEntropyLossImpl(CrossEntropyLossOptions given) : options(settled(std::move(given))) {
  ops::check_label_smoothing(options.label_smoothing);
  bind_buffer("weight", weight, options.weight);
}

Tensor CrossEntropyLossImpl::forward(const Tensor& input, const Tensor& target) {
  return ops::cross_entropy(input, target, weight, options.ignore_index, ops::reduction_of(options.reduction),
                            options.label_smoothing);
}

const Declaration& CrossEntropyLossImpl::declared() {
  using L = CrossEntropyLossImpl;
  using O = CrossEntropyLossOptions;
  static const Declaration d =
      Declare<L, O>{.name = "CrossEntropyLoss",
                    .formula = "loss = −Σ_c t_c·log softmax(x)_c, t the target's distribution over the classes",
                    .shape = str(kClassShapes, "; or a target of probabilities, of the input's shape"),
                    .source = "torch.nn.CrossEntropyLoss",
                    .notes =
                        "The input holds logits, not probabilities. With class indices the mean is over the weights of "
                        "those that are not "
                        "ignored: NaN when all are. An index outside the classes is an IndexError.",
                    .required = {},
                    .options = {{"weight", &O::weight, "weight of each class, (C)", Show::Never},
                                {"size_average", &O::size_average, kOlder, Show::Never},
                                {"ignore_index", &O::ignore_index, "class index that counts nothing", Show::Never},
                                {"reduce", &O::reduce, kOlder, Show::Never},
                                {"reduction", &O::reduction, kReduction, Show::Never},
                                {"label_smoothing", &O::label_smoothing,
                                 "part of the target that is spread over all classes", Show::Never}},
                    .construct = [](const Arguments&, const O& o) { return new L(o); }};
  return d;
}

NLLLossImpl::NLLLossImpl(NLLLossOptions given) : options(settled(std::move(given))) {
  bind_buffer("weight", weight, options.weight);
}

Tensor NLLLossImpl::forward(const Tensor& input, const Tensor& target) {
  return ops::nll_loss(input, target, weight, options.ignore_index, ops::reduction_of(options.reduction));
}

const Declaration& NLLLossImpl::declared() {
  using L = NLLLossImpl;
  using O = NLLLossOptions;
  static const Declaration d =
      Declare<L, O>{.name = "NLLLoss",
                    .formula = "loss = −weight[t]·x[t], x the logarithms of probabilities",
                    .shape = kClassShapes,
                    .source = "torch.nn.NLLLoss",
                    .notes = "The mean is over the weights of the indices that are not ignored: NaN when all are.",
                    .required = {},
                    .options = {{"weight", &O::weight, "weight of each class, (C)", Show::Never},
                                {"size_average", &O::size_average, kOlder, Show::Never},
                                {"ignore_index", &O::ignore_index, "class index that counts nothing", Show::Never},
                                {"reduce", &O::reduce, kOlder, Show::Never},
                                {"reduction", &O::reduction, kReduction, Show::Never}},
                    .construct = [](const Arguments&, const O& o) { return new L(o); }};
  return d;
}

// ---- element by element --------------------------------------------------------------------------------------------

MSELossImpl::MSELossImpl(LossOptions given) : options(settled(std::move(given))) {}

Tensor MSELossImpl::forward(const Tensor& input, const Tensor& target) {
  return ops::mse_loss(input, target, ops::reduction_of(options.reduction));
}

const Declaration& MSELossImpl::declared() {
  using L = MSELossImpl;
  using O = LossOptions;
  static const Declaration d = Declare<L, O>{.name = "MSELoss",
                                             .formula = "loss = (x − t)²",
                                             .shape = kSameShapes,
                                             .source = "torch.nn.MSELoss",
                                             .notes = "Shapes that would only fit by broadcasting are a ShapeError.",
                                             .required = {},
                                             .options = {{"size_average", &O::size_average, kOlder, Show::Never},
                                                         {"reduce", &O::reduce, kOlder, Show::Never},
                                                         {"reduction", &O::reduction, kReduction, Show::Never}},
                                             .construct = [](const Arguments&, const O& o) { return new L(o); }};
  return d;
}

L1LossImpl::L1LossImpl(LossOptions given) : options(settled(std::move(given))) {}

Tensor L1LossImpl::forward(const Tensor& input, const Tensor& target) {
  return ops::l1_loss(input, target, ops::reduction_of(options.reduction));
}

const Declaration& L1LossImpl::declared() {
  using L = L1LossImpl;
  using O = LossOptions;
  static const Declaration d = Declare<L, O>{.name = "L1Loss",
                                             .formula = "loss = |x − t|",
                                             .shape = kSameShapes,
                                             .source = "torch.nn.L1Loss",
                                             .notes = "Shapes that would only fit by broadcasting are a ShapeError.",
                                             .required = {},
                                             .options = {{"size_average", &O::size_average, kOlder, Show::Never},
                                                         {"reduce", &O::reduce, kOlder, Show::Never},
                                                         {"reduction", &O::reduction, kReduction, Show::Never}},
                                             .construct = [](const Arguments&, const O& o) { return new L(o); }};
  return d;
}

BCEWithLogitsLossImpl::BCEWithLogitsLossImpl(BCEWithLogitsLossOptions given) : options(settled(std::move(given))) {
  bind_buffer("weight", weight, options.weight);
  bind_buffer("pos_weight", pos_weight, options.pos_weight);
}

Tensor BCEWithLogitsLossImpl::forward(const Tensor& input, const Tensor& target) {
  return ops::binary_cross_entropy_with_logits(input, target, weight, ops::reduction_of(options.reduction), pos_weight);
}

const Declaration& BCEWithLogitsLossImpl::declared() {
  using L = BCEWithLogitsLossImpl;
  using O = BCEWithLogitsLossOptions;
  static const Declaration d =
      Declare<L, O>{.name = "BCEWithLogitsLoss",
                    .formula = "loss = −weight·(pos_weight·t·log σ(x) + (1 − t)·log(1 − σ(x))), σ the sigmoid",
                    .shape = kSameShapes,
                    .source = "torch.nn.BCEWithLogitsLoss",
                    .notes = "weight and pos_weight broadcast to the input's shape; the mean is over all elements.",
                    .required = {},
                    .options = {{"weight", &O::weight, "weight of each element", Show::Never},
                                {"size_average", &O::size_average, kOlder, Show::Never},
                                {"reduce", &O::reduce, kOlder, Show::Never},
                                {"reduction", &O::reduction, kReduction, Show::Never},
                                {"pos_weight", &O::pos_weight, "weight of the positive answer", Show::Never}},
                    .construct = [](const Arguments&, const O& o) { return new L(o); }};
  return d;
}

}  // namespace lamina::nn
