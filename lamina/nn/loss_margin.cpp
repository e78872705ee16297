#include "lamina/nn/loss_margin.h"

#include "lamina/core/text.h"
#include "lamina/nn/loss_parts.h"

namespace lamina::nn {

namespace {

const char* const kTripletShapes =
    "anchor, positive, negative (N, D) or (D) → () or, with reduction=\"none\", (N) or ()";

// The p of multi_margin_loss as a number without a fraction.
int64_t power(const Scalar& p) {
  const double value = p.to_double();
  if (value != 1 && value != 2) throw OptionError(str("only p == 1 and p == 2 supported, got ", value));
  return int64_t(value);
}

}  // namespace

SoftMarginLossImpl::SoftMarginLossImpl(LossOptions given) : options(settled(std::move(given))) {}

Tensor SoftMarginLossImpl::forward(const Tensor& input, const Tensor& target) {
  return ops::soft_margin_loss(input, target, ops::reduction_of(options.reduction));
}

const Declaration& SoftMarginLossImpl::declared() {
  using L = SoftMarginLossImpl;
  using O = LossOptions;
  static const Declaration d = Declare<L, O>{.name = "SoftMarginLoss",
                                             .formula = "loss = log(1 + exp(−t·x))",
                                             .shape = kSameShapes,
                                             .source = "torch.nn.SoftMarginLoss",
                                             .notes = "Targets are 1 and −1. Stable for large inputs.",
                                             .required = {},
                                             .options = {{"size_average", &O::size_average, kOlder, Show::Never},
                                                         {"reduce", &O::reduce, kOlder, Show::Never},
                                                         {"reduction", &O::reduction, kReduction, Show::Never}},
                                             .construct = [](const Arguments&, const O& o) { return new L(o); }};
  return d;
}

HingeEmbeddingLossImpl::HingeEmbeddingLossImpl(HingeEmbeddingLossOptions given) : options(settled(std::move(given))) {}

Tensor HingeEmbeddingLossImpl::forward(const Tensor& input, const Tensor& target) {
  return ops::hinge_embedding_loss(input, target, options.margin.to_double(), ops::reduction_of(options.reduction));
}

const Declaration& HingeEmbeddingLossImpl::declared() {
  using L = HingeEmbeddingLossImpl;
  using O = HingeEmbeddingLossOptions;
  static const Declaration d =
      Declare<L, O>{.name = "HingeEmbeddingLoss",
                    .formula = "loss = x where t = 1, max(0, margin − x) where t = −1",
                    .shape = kSameShapes,
                    .source = "torch.nn.HingeEmbeddingLoss",
                    .notes = "",
                    .required = {},
                    .options = {{"margin", &O::margin, "by how much right must be better than wrong", Show::Never},
                                {"size_average", &O::size_average, kOlder, Show::Never},
                                {"reduce", &O::reduce, kOlder, Show::Never},
                                {"reduction", &O::reduction, kReduction, Show::Never}},
                    .construct = [](const Arguments&, const O& o) { return new L(o); }};
  return d;
}

MarginRankingLossImpl::MarginRankingLossImpl(MarginRankingLossOptions given) : options(settled(std::move(given))) {}

Tensor MarginRankingLossImpl::forward(const Tensor& input1, const Tensor& input2, const Tensor& target) {
  return ops::margin_ranking_loss(input1, input2, target, options.margin.to_double(),
                                  ops::reduction_of(options.reduction));
}

const Declaration& MarginRankingLossImpl::declared() {
  using L = MarginRankingLossImpl;
  using O = MarginRankingLossOptions;
  static const Declaration d =
      Declare<L, O>{.name = "MarginRankingLoss",
                    .formula = "loss = max(0, −t·(x1 − x2) + margin)",
                    .shape = "input1, input2, target (N) or () → () or, with reduction=\"none\", their shape",
                    .source = "torch.nn.MarginRankingLoss",
                    .notes = "A target of 1 wants the first input to be the larger, −1 the second.",
                    .required = {},
                    .options = {{"margin", &O::margin, "by how much right must be better than wrong", Show::Never},
                                {"size_average", &O::size_average, kOlder, Show::Never},
                                {"reduce", &O::reduce, kOlder, Show::Never},
                                {"reduction", &O::reduction, kReduction, Show::Never}},
                    .construct = [](const Arguments&, const O& o) { return new L(o); }};
  return d;
}

CosineEmbeddingLossImpl::CosineEmbeddingLossImpl(CosineEmbeddingLossOptions given)
    : options(settled(std::move(given))) {}

Tensor CosineEmbeddingLossImpl::forward(const Tensor& input1, const Tensor& input2, const Tensor& target) {
  return ops::cosine_embedding_loss(input1, input2, target, options.margin.to_double(),
                                    ops::reduction_of(options.reduction));
}

const Declaration& CosineEmbeddingLossImpl::declared() {
  using L = CosineEmbeddingLossImpl;
  using O = CosineEmbeddingLossOptions;
  static const Declaration d = Declare<L, O>{
      .name = "CosineEmbeddingLoss",
      .formula = "loss = 1 − cos(x1, x2) where t = 1, max(0, cos(x1, x2) − margin) where t = −1",
      .shape = "input1, input2 (N, D) or (D), target (N) or () → () or, with reduction=\"none\", the target's shape",
      .source = "torch.nn.CosineEmbeddingLoss",
      .notes = "",
      .required = {},
      .options = {{"margin", &O::margin, "by how much right must be better than wrong", Show::Never},
                  {"size_average", &O::size_average, kOlder, Show::Never},
                  {"reduce", &O::reduce, kOlder, Show::Never},
                  {"reduction", &O::reduction, kReduction, Show::Never}},
      .construct = [](const Arguments&, const O& o) { return new L(o); }};
  return d;
}

MultiMarginLossImpl::MultiMarginLossImpl(MultiMarginLossOptions given) : options(settled(std::move(given))) {
  power(options.p);
  if (options.weight.defined() && options.weight.rank() != 1)
    throw ShapeError(str("weight ", options.weight.shape(), " must be (C), one value for each class"));
  bind_buffer("weight", weight, options.weight);
}

Tensor MultiMarginLossImpl::forward(const Tensor& input, const Tensor& target) {
  return ops::multi_margin_loss(input, target, power(options.p), options.margin.to_double(), weight,
                                ops::reduction_of(options.reduction));
}

const Declaration& MultiMarginLossImpl::declared() {
  using L = MultiMarginLossImpl;
  using O = MultiMarginLossOptions;
  static const Declaration d =
      Declare<L, O>{.name = "MultiMarginLoss",
                    .formula = "loss = Σ_{i ≠ t} max(0, margin − x_t + x_i)^p·weight_t / C",
                    .shape = kClassShapes,
                    .source = "torch.nn.MultiMarginLoss",
                    .notes = "An index outside the classes is an IndexError.",
                    .required = {},
                    .options = {{"p", &O::p, "1 or 2", Show::Never},
                                {"margin", &O::margin, "by how much right must be better than wrong", Show::Never},
                                {"weight", &O::weight, "weight of each class, (C)", Show::Never},
                                {"size_average", &O::size_average, kOlder, Show::Never},
                                {"reduce", &O::reduce, kOlder, Show::Never},
                                {"reduction", &O::reduction, kReduction, Show::Never}},
                    .construct = [](const Arguments&, const O& o) { return new L(o); }};
  return d;
}

MultiLabelMarginLossImpl::MultiLabelMarginLossImpl(LossOptions given) : options(settled(std::move(given))) {}

Tensor MultiLabelMarginLossImpl::forward(const Tensor& input, const Tensor& target) {
  return ops::multilabel_margin_loss(input, target, ops::reduction_of(options.reduction));
}

const Declaration& MultiLabelMarginLossImpl::declared() {
  using L = MultiLabelMarginLossImpl;
  using O = LossOptions;
  static const Declaration d =
      Declare<L, O>{.name = "MultiLabelMarginLoss",
                    .formula = "loss = Σ_{j in t} Σ_{i not in t} max(0, 1 − (x_j − x_i)) / C",
                    .shape =
                        "input (N, C) or (C), target of the same shape, int64: classes in front, −1 behind the last → "
                        "() or, with reduction=\"none\", (N) or ()",
                    .source = "torch.nn.MultiLabelMarginLoss",
                    .notes = "An index outside the classes is an IndexError.",
                    .required = {},
                    .options = {{"size_average", &O::size_average, kOlder, Show::Never},
                                {"reduce", &O::reduce, kOlder, Show::Never},
                                {"reduction", &O::reduction, kReduction, Show::Never}},
                    .construct = [](const Arguments&, const O& o) { return new L(o); }};
  return d;
}

MultiLabelSoftMarginLossImpl::MultiLabelSoftMarginLossImpl(BCELossOptions given) : options(settled(std::move(given))) {
  bind_buffer("weight", weight, options.weight);
}

Tensor MultiLabelSoftMarginLossImpl::forward(const Tensor& input, const Tensor& target) {
  return ops::multilabel_soft_margin_loss(input, target, weight, ops::reduction_of(options.reduction));
}

const Declaration& MultiLabelSoftMarginLossImpl::declared() {
  using L = MultiLabelSoftMarginLossImpl;
  using O = BCELossOptions;
  static const Declaration d =
      Declare<L, O>{.name = "MultiLabelSoftMarginLoss",
                    .formula = "loss = −Σ_c weight_c·(t_c·log σ(x_c) + (1 − t_c)·log(1 − σ(x_c))) / C, σ the sigmoid",
                    .shape = "input (*, C), target of the same shape → () or, with reduction=\"none\", (*)",
                    .source = "torch.nn.MultiLabelSoftMarginLoss",
                    .notes = "",
                    .required = {},
                    .options = {{"weight", &O::weight, "weight of each class, (C)", Show::Never},
                                {"size_average", &O::size_average, kOlder, Show::Never},
                                {"reduce", &O::reduce, kOlder, Show::Never},
                                {"reduction", &O::reduction, kReduction, Show::Never}},
                    .construct = [](const Arguments&, const O& o) { return new L(o); }};
  return d;
}

TripletMarginLossImpl::TripletMarginLossImpl(TripletMarginLossOptions given) : options(settled(std::move(given))) {
  ops::check_triplet_margin(options.margin.to_double());
}

Tensor TripletMarginLossImpl::forward(const Tensor& anchor, const Tensor& positive, const Tensor& negative) {
  return ops::triplet_margin_loss(anchor, positive, negative, options.margin.to_double(), options.p.to_double(),
                                  options.eps.to_double(), options.swap, ops::reduction_of(options.reduction));
}

const Declaration& TripletMarginLossImpl::declared() {
  using L = TripletMarginLossImpl;
  using O = TripletMarginLossOptions;
  static const Declaration d =
      Declare<L, O>{.name = "TripletMarginLoss",
                    .formula = "loss = max(0, d(a, p) − d(a, n) + margin), d the p-norm of the difference plus eps",
                    .shape = kTripletShapes,
                    .source = "Balntas et al. 2016; torch.nn.TripletMarginLoss",
                    .notes = "A margin that is not positive is an OptionError.",
                    .required = {},
                    .options = {{"margin", &O::margin, "by how much right must be better than wrong", Show::Never},
                                {"p", &O::p, "of the norm", Show::Never},
                                {"eps", &O::eps, "added to the differences", Show::Never},
                                {"swap", &O::swap, "let d(p, n) stand for d(a, n) where it is smaller", Show::Never},
                                {"size_average", &O::size_average, kOlder, Show::Never},
                                {"reduce", &O::reduce, kOlder, Show::Never},
                                {"reduction", &O::reduction, kReduction, Show::Never}},
                    .construct = [](const Arguments&, const O& o) { return new L(o); }};
  return d;
}

}  // namespace lamina::nn
