// Every part of the extension module, in the order in which module.cpp binds them.
#pragma once
#include <nanobind/nanobind.h>

namespace lamina::python {

void install_foreign();  // the hooks of lamina/core/object.h
void bind_errors(nanobind::module_& m);
void bind_dtype(nanobind::module_& m);
void bind_size(nanobind::module_& m);
void bind_device(nanobind::module_& m);
void bind_generator(nanobind::module_& m);
void bind_formats(nanobind::module_& m);
void bind_grad_fn(nanobind::module_& m);
void bind_tensor(nanobind::module_& m);
void bind_settings(nanobind::module_& m);
void bind_creation(nanobind::module_& m);
void bind_random(nanobind::module_& m);
void bind_init(nanobind::module_& m);
void bind_autograd(nanobind::module_& m);
void bind_function(nanobind::module_& autograd);  // the submodule lamina._C._autograd
void bind_pointwise(nanobind::module_& m);
void bind_unary(nanobind::module_& m);
void bind_reduce(nanobind::module_& m);
void bind_view(nanobind::module_& m);
void bind_indexing(nanobind::module_& m);
void bind_ranges(nanobind::module_& m);
void bind_sort(nanobind::module_& m);
void bind_search(nanobind::module_& m);
void bind_special(nanobind::module_& m);
void bind_rearrange(nanobind::module_& m);
void bind_linalg(nanobind::module_& linalg);  // the submodule lamina._C._linalg
void bind_matrices(nanobind::module_& m);
void bind_copies(nanobind::module_& m);
void bind_special_module(nanobind::module_& m, nanobind::module_& special);  // the submodule lamina._C._special
void bind_names(nanobind::module_& m);                                       // after what it gives a second name
void bind_sparse(nanobind::module_& m);
void bind_names(nanobind::module_& m);  // after what it gives a second name
void bind_dlpack(nanobind::module_& m);
void bind_functional(nanobind::module_& m);
void bind_functional_loss(nanobind::module_& m);
void bind_functional_loss_more(nanobind::module_& m);
void bind_functional_embedding_bag(nanobind::module_& m);
void bind_functional_attention(nanobind::module_& m);
void bind_functional_space(nanobind::module_& m);
void bind_functional_activation(nanobind::module_& m);
void bind_functional_dropout(nanobind::module_& m);
void bind_functional_norm(nanobind::module_& m);
void bind_functional_distance(nanobind::module_& m);
void bind_functional_pool(nanobind::module_& m);
void bind_functional_resize(nanobind::module_& m);
void bind_module(nanobind::module_& nn);  // nn: the submodule lamina._C._nn
void bind_layers(nanobind::module_& nn);
void bind_losses(nanobind::module_& nn);
void bind_embedding_bag(nanobind::module_& nn);
void bind_recurrent(nanobind::module_& nn);
void bind_attention(nanobind::module_& nn);
void bind_layers_space(nanobind::module_& nn);
void bind_activations(nanobind::module_& nn);
void bind_dropouts(nanobind::module_& nn);
void bind_norms(nanobind::module_& nn);
void bind_distances(nanobind::module_& nn);
void bind_layers_pool(nanobind::module_& nn);
void bind_layers_resize(nanobind::module_& nn);
void bind_containers(nanobind::module_& nn);
void bind_optim(nanobind::module_& m);
void bind_io(nanobind::module_& m);
void bind_utils(nanobind::module_& m);
void bind_packed_sequence(nanobind::module_& m);
void bind_testing(nanobind::module_& m);  // the submodule lamina._C._testing

}  // namespace lamina::python
