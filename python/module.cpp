// The extension module lamina._C. What it offers is listed in bind.h.
#include "python/bind.h"

NB_MODULE(_C, m) {
  using namespace lamina::python;
  nanobind::set_leak_warnings(false);  // the types live as long as the process
  install_foreign();
  m.attr("__version__") = LAMINA_VERSION;
  bind_errors(m);
  bind_dtype(m);
  bind_size(m);
  bind_device(m);
  bind_generator(m);
  bind_formats(m);
  bind_grad_fn(m);
  bind_tensor(m);
  bind_settings(m);
  bind_creation(m);
  bind_random(m);
  bind_init(m);
  bind_autograd(m);
  bind_pointwise(m);
  bind_unary(m);
  bind_reduce(m);
  bind_view(m);
  bind_indexing(m);
  bind_ranges(m);
  bind_sort(m);
  bind_search(m);
  bind_special(m);
  bind_rearrange(m);
  nanobind::module_ linalg = m.def_submodule("_linalg");
  bind_linalg(linalg);
  bind_matrices(m);
  nanobind::module_ special = m.def_submodule("_special");
  bind_special_module(m, special);
  bind_sparse(m);
  bind_copies(m);  // after the functions that they are copies of
  bind_names(m);
  bind_dlpack(m);
  bind_functional(m);
  bind_functional_loss(m);
  bind_functional_loss_more(m);
  bind_functional_embedding_bag(m);
  bind_functional_attention(m);
  bind_functional_space(m);
  bind_functional_activation(m);
  bind_functional_dropout(m);
  bind_functional_norm(m);
  bind_functional_distance(m);
  bind_functional_pool(m);
  bind_functional_resize(m);
  nanobind::module_ nn = m.def_submodule("_nn");
  bind_module(nn);
  bind_layers(nn);
  bind_losses(nn);
  bind_embedding_bag(nn);
  bind_recurrent(nn);
  bind_attention(nn);
  bind_layers_space(nn);
  bind_activations(nn);
  bind_dropouts(nn);
  bind_norms(nn);
  bind_distances(nn);
  bind_layers_pool(nn);
  bind_layers_resize(nn);
  bind_containers(nn);
  bind_optim(m);
  bind_io(m);
  bind_utils(m);
  bind_packed_sequence(m);
  bind_testing(m);
}
