#include "lamina/nn/loss.h"

#include "lamina/nn/loss_parts.h"

namespace lamina::nn {

Tensor LossModule::operator()(const Tensor& input, const Tensor& target) {
  try {
    return forward(input, target);
  } catch (Error& e) {
    note_failure(e);
    throw;
  }
}

Tensor TripleLossModule::operator()(const Tensor& first, const Tensor& second, const Tensor& third) {
  try {
    return forward(first, second, third);
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

namespace {
template <class L>
Declaration nll_declaration(const char* name, const char* source, const char* notes) {
  using O = NLLLossOptions;
  return Declare<L, O>{.name = name,
                       .formula = "loss = −weight[t]·x[t], x the logarithms of probabilities",
                       .shape = kClassShapes,
                       .source = source,
                       .notes = notes,
                       .required = {},
                       .options = {{"weight", &O::weight, "weight of each class, (C)", Show::Never},
                                   {"size_average", &O::size_average, kOlder, Show::Never},
                                   {"ignore_index", &O::ignore_index, "class index that counts nothing", Show::Never},
                                   {"reduce", &O::reduce, kOlder, Show::Never},
                                   {"reduction", &O::reduction, kReduction, Show::Never}},
                       .construct = [](const Arguments&, const O& o) { return new L(o); }};
}
}  // namespace

const Declaration& NLLLossImpl::declared() {
  static const Declaration d = nll_declaration<NLLLossImpl>(
      "NLLLoss", "torch.nn.NLLLoss",
      "The mean is over the weights of the indices that are not ignored: NaN when all are.");
  return d;
}

const Declaration& NLLLoss2dImpl::declared() {
  static const Declaration d =
      nll_declaration<NLLLoss2dImpl>("NLLLoss2d", "torch.nn.NLLLoss2d", "Deprecated: NLLLoss takes images too.");
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

SmoothL1LossImpl::SmoothL1LossImpl(SmoothL1LossOptions given) : options(settled(std::move(given))) {}

Tensor SmoothL1LossImpl::forward(const Tensor& input, const Tensor& target) {
  return ops::smooth_l1_loss(input, target, ops::reduction_of(options.reduction), options.beta.to_double());
}

const Declaration& SmoothL1LossImpl::declared() {
  using L = SmoothL1LossImpl;
  using O = SmoothL1LossOptions;
  static const Declaration d =
      Declare<L, O>{.name = "SmoothL1Loss",
                    .formula = "loss = ½·(x − t)²/beta where |x − t| < beta, else |x − t| − ½·beta",
                    .shape = kSameShapes,
                    .source = "torch.nn.SmoothL1Loss",
                    .notes = "With beta 0 it is L1Loss. A negative beta is an OptionError.",
                    .required = {},
                    .options = {{"size_average", &O::size_average, kOlder, Show::Never},
                                {"reduce", &O::reduce, kOlder, Show::Never},
                                {"reduction", &O::reduction, kReduction, Show::Never},
                                {"beta", &O::beta, "where the square ends", Show::Never}},
                    .construct = [](const Arguments&, const O& o) { return new L(o); }};
  return d;
}

HuberLossImpl::HuberLossImpl(HuberLossOptions given) : options(settled(std::move(given))) {}

Tensor HuberLossImpl::forward(const Tensor& input, const Tensor& target) {
  return ops::huber_loss(input, target, ops::reduction_of(options.reduction), options.delta.to_double());
}

const Declaration& HuberLossImpl::declared() {
  using L = HuberLossImpl;
  using O = HuberLossOptions;
  static const Declaration d =
      Declare<L, O>{.name = "HuberLoss",
                    .formula = "loss = ½·(x − t)² where |x − t| ≤ delta, else delta·(|x − t| − ½·delta)",
                    .shape = kSameShapes,
                    .source = "Huber 1964; torch.nn.HuberLoss",
                    .notes = "A delta that is not positive is an OptionError.",
                    .required = {},
                    .options = {{"reduction", &O::reduction, kReduction, Show::Never},
                                {"delta", &O::delta, "where the square ends", Show::Never}},
                    .construct = [](const Arguments&, const O& o) { return new L(o); }};
  return d;
}

BCELossImpl::BCELossImpl(BCELossOptions given) : options(settled(std::move(given))) {
  bind_buffer("weight", weight, options.weight);
}

Tensor BCELossImpl::forward(const Tensor& input, const Tensor& target) {
  return ops::binary_cross_entropy(input, target, weight, ops::reduction_of(options.reduction));
}

const Declaration& BCELossImpl::declared() {
  using L = BCELossImpl;
  using O = BCELossOptions;
  static const Declaration d = Declare<L, O>{
      .name = "BCELoss",
      .formula = "loss = −weight·(t·log x + (1 − t)·log(1 − x))",
      .shape = kSameShapes,
      .source = "torch.nn.BCELoss",
      .notes = "A logarithm is at least −100. An input outside [0, 1] is an Error; of logits take BCEWithLogitsLoss.",
      .required = {},
      .options = {{"weight", &O::weight, "weight of each element; broadcasts", Show::Never},
                  {"size_average", &O::size_average, kOlder, Show::Never},
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
