// The Python class of MultiheadAttention, and its function in lamina.nn.functional.
#include "lamina/nn/attention.h"

#include "lamina/core/text.h"
#include "python/bind.h"
#include "python/binding.h"
#include "python/layer.h"

namespace lamina::python {

namespace {

nb::object result(const ops::AttentionResult& r) {
  return nb::make_tuple(r.output, r.weights.defined() ? checked(wrap(r.weights)) : nb::none());
}

nb::object forward(nn::MultiheadAttentionImpl& self, const Tensor& query, const Tensor& key, const Tensor& value,
                   const Tensor& key_padding_mask, bool need_weights, const Tensor& attn_mask,
                   bool average_attn_weights, bool is_causal) {
  return result(self.forward(query, key, value,
                             {.key_padding_mask = key_padding_mask,
                              .need_weights = need_weights,
                              .attn_mask = attn_mask,
                              .average_attn_weights = average_attn_weights,
                              .is_causal = is_causal}));
}

// A member that was deleted: the class may compute it.
Tensor computed_member(const nn::Module& module, const char* name) {
  const nb::gil_scoped_acquire lock;
  auto* self = static_cast<PyObject*>(module.foreign_object());
  const nb::object key = checked(PyUnicode_InternFromString(name));
  PyObject* descriptor = self ? _PyType_Lookup(Py_TYPE(self), key.ptr()) : nullptr;
  if (!descriptor || !Py_IS_TYPE(descriptor, &PyProperty_Type)) return {};
  const nb::object value = checked(PyObject_GenericGetAttr(self, key.ptr()));
  return is_tensor(value.ptr()) ? tensor_of(value.ptr()) : Tensor();
}

void property(PyTypeObject* type, const char* name, nb::object getter) {
  nb::setattr(nb::handle(reinterpret_cast<PyObject*>(type)), name,
              nb::module_::import_("builtins").attr("property")(getter));
}

nb::object multi_head_attention_forward(const Tensor& query, const Tensor& key, const Tensor& value,
                                        int64_t embed_dim_to_check, int64_t num_heads, const Tensor& in_proj_weight,
                                        const Tensor& in_proj_bias, const Tensor& bias_k, const Tensor& bias_v,
                                        bool add_zero_attn, double dropout_p, const Tensor& out_proj_weight,
                                        const Tensor& out_proj_bias, bool training, const Tensor& key_padding_mask,
                                        bool need_weights, const Tensor& attn_mask, bool use_separate_proj_weight,
                                        const Tensor& q_proj_weight, const Tensor& k_proj_weight,
                                        const Tensor& v_proj_weight, const Tensor& static_k, const Tensor& static_v,
                                        bool average_attn_weights, bool is_causal) {
  if (!use_separate_proj_weight && !in_proj_weight.defined())
    throw OptionError("in_proj_weight is missing", "Or set use_separate_proj_weight=True");
  return result(ops::multi_head_attention(query, key, value,
                                          {.in_proj_weight = use_separate_proj_weight ? Tensor() : in_proj_weight,
                                           .q_proj_weight = q_proj_weight,
                                           .k_proj_weight = k_proj_weight,
                                           .v_proj_weight = v_proj_weight,
                                           .in_proj_bias = in_proj_bias,
                                           .bias_k = bias_k,
                                           .bias_v = bias_v,
                                           .out_proj_weight = out_proj_weight,
                                           .out_proj_bias = out_proj_bias},
                                          {.embed_dim = embed_dim_to_check,
                                           .num_heads = num_heads,
                                           .add_zero_attn = add_zero_attn,
                                           .dropout_p = dropout_p,
                                           .training = training,
                                           .key_padding_mask = key_padding_mask,
                                           .need_weights = need_weights,
                                           .attn_mask = attn_mask,
                                           .average_attn_weights = average_attn_weights,
                                           .is_causal = is_causal,
                                           .static_k = static_k,
                                           .static_v = static_v}));
}

}  // namespace

void bind_attention(nb::module_& m) {
  const auto linear = reinterpret_cast<PyTypeObject*>(nb::object(m.attr("Linear")).ptr());
  PyTypeObject* out_proj = new_layer_type<nn::NonDynamicallyQuantizableLinearImpl>(m, linear);
  bind_forward<nn::NonDynamicallyQuantizableLinearImpl>(out_proj);

  using L = nn::MultiheadAttentionImpl;
  L::foreign_member = computed_member;
  PyTypeObject* type = bind_layer<L>(
      m, forward, "query"_a, "key"_a, "value"_a, "key_padding_mask"_a.none() = nb::none(), "need_weights"_a = true,
      "attn_mask"_a.none() = nb::none(), "average_attn_weights"_a = true, "is_causal"_a = false);
  method(
      type, "_reset_parameters", [](L& self) { self.reset_attention(); },
      "Draws the projections of the input anew, as the constructor does.");
  property(type, "head_dim", nb::cpp_function([](Self self) {
             const auto& layer = dynamic_cast<const L&>(*self);
             return layer.embed_dim / layer.num_heads;
           }));
  property(type, "_qkv_same_embed_dim", nb::cpp_function([](Self self) {
             const auto& layer = dynamic_cast<const L&>(*self);
             return layer.options.kdim == layer.embed_dim && layer.options.vdim == layer.embed_dim;
           }));
}

void bind_functional_attention(nb::module_& m) {
  nb::module_ functional = nb::borrow<nb::module_>(m.attr("_functional"));
  Op{functional}.function(
      "multi_head_attention_forward", multi_head_attention_forward,
      "Attention of several heads between projections: output, and weights or None.", "query"_a, "key"_a, "value"_a,
      "embed_dim_to_check"_a, "num_heads"_a, "in_proj_weight"_a.none(), "in_proj_bias"_a.none(), "bias_k"_a.none(),
      "bias_v"_a.none(), "add_zero_attn"_a, "dropout_p"_a, "out_proj_weight"_a, "out_proj_bias"_a.none(),
      "training"_a = true, "key_padding_mask"_a.none() = nb::none(), "need_weights"_a = true,
      "attn_mask"_a.none() = nb::none(), "use_separate_proj_weight"_a = false, "q_proj_weight"_a.none() = nb::none(),
      "k_proj_weight"_a.none() = nb::none(), "v_proj_weight"_a.none() = nb::none(), "static_k"_a.none() = nb::none(),
      "static_v"_a.none() = nb::none(), "average_attn_weights"_a = true, "is_causal"_a = false);
}

}  // namespace lamina::python
