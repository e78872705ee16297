#include "lamina/nn/layers.h"

#include "lamina/nn/activation.h"
#include "lamina/nn/activation_piecewise.h"
#include "lamina/nn/activation_smooth.h"
#include "lamina/nn/attention.h"
#include "lamina/nn/bilinear.h"
#include "lamina/nn/conv.h"
#include "lamina/nn/conv_transpose.h"
#include "lamina/nn/distance.h"
#include "lamina/nn/dropout.h"
#include "lamina/nn/embedding.h"
#include "lamina/nn/embedding_bag.h"
#include "lamina/nn/flatten.h"
#include "lamina/nn/fold.h"
#include "lamina/nn/linear.h"
#include "lamina/nn/loss.h"
#include "lamina/nn/loss_likelihood.h"
#include "lamina/nn/loss_margin.h"
#include "lamina/nn/norm.h"
#include "lamina/nn/norm_group.h"
#include "lamina/nn/norm_response.h"
#include "lamina/nn/norm_rms.h"
#include "lamina/nn/pad.h"
#include "lamina/nn/pool.h"
#include "lamina/nn/pool_average.h"
#include "lamina/nn/pool_lp.h"
#include "lamina/nn/pool_spans.h"
#include "lamina/nn/recurrent.h"
#include "lamina/nn/recurrent_cells.h"
#include "lamina/nn/shuffle.h"
#include "lamina/nn/unpool.h"
#include "lamina/nn/upsample.h"

namespace lamina::nn {

const std::vector<const Declaration*>& layers() {
  static const std::vector<const Declaration*> all = {
      &LinearImpl::declared(),
      &BilinearImpl::declared(),
      &CosineSimilarityImpl::declared(),
      &PairwiseDistanceImpl::declared(),
      &Conv1dImpl::declared(),
      &Conv2dImpl::declared(),
      &Conv3dImpl::declared(),
      &ConvTranspose1dImpl::declared(),
      &ConvTranspose2dImpl::declared(),
      &ConvTranspose3dImpl::declared(),
      &ReflectionPad1dImpl::declared(),
      &ReflectionPad2dImpl::declared(),
      &ReflectionPad3dImpl::declared(),
      &ReplicationPad1dImpl::declared(),
      &ReplicationPad2dImpl::declared(),
      &ReplicationPad3dImpl::declared(),
      &CircularPad1dImpl::declared(),
      &CircularPad2dImpl::declared(),
      &CircularPad3dImpl::declared(),
      &ConstantPad1dImpl::declared(),
      &ConstantPad2dImpl::declared(),
      &ConstantPad3dImpl::declared(),
      &ZeroPad1dImpl::declared(),
      &ZeroPad2dImpl::declared(),
      &ZeroPad3dImpl::declared(),
      &MaxPool1dImpl::declared(),
      &MaxPool2dImpl::declared(),
      &AvgPool1dImpl::declared(),
      &AvgPool2dImpl::declared(),
      &AvgPool3dImpl::declared(),
      &AdaptiveAvgPool1dImpl::declared(),
      &AdaptiveAvgPool2dImpl::declared(),
      &AdaptiveAvgPool3dImpl::declared(),
      &MaxPool3dImpl::declared(),
      &AdaptiveMaxPool1dImpl::declared(),
      &AdaptiveMaxPool2dImpl::declared(),
      &AdaptiveMaxPool3dImpl::declared(),
      &FractionalMaxPool2dImpl::declared(),
      &FractionalMaxPool3dImpl::declared(),
      &LPPool1dImpl::declared(),
      &LPPool2dImpl::declared(),
      &LPPool3dImpl::declared(),
      &MaxUnpool1dImpl::declared(),
      &MaxUnpool2dImpl::declared(),
      &MaxUnpool3dImpl::declared(),
      &LayerNormImpl::declared(),
      &BatchNorm1dImpl::declared(),
      &BatchNorm2dImpl::declared(),
      &BatchNorm3dImpl::declared(),
      &SyncBatchNormImpl::declared(),
      &GroupNormImpl::declared(),
      &InstanceNorm1dImpl::declared(),
      &InstanceNorm2dImpl::declared(),
      &InstanceNorm3dImpl::declared(),
      &RMSNormImpl::declared(),
      &LocalResponseNormImpl::declared(),
      &CrossMapLRN2dImpl::declared(),
      &DropoutImpl::declared(),
      &Dropout1dImpl::declared(),
      &Dropout2dImpl::declared(),
      &Dropout3dImpl::declared(),
      &AlphaDropoutImpl::declared(),
      &FeatureAlphaDropoutImpl::declared(),
      &EmbeddingImpl::declared(),
      &EmbeddingBagImpl::declared(),
      &MultiheadAttentionImpl::declared(),
      &NonDynamicallyQuantizableLinearImpl::declared(),
      &LSTMImpl::declared(),
      &GRUImpl::declared(),
      &RNNImpl::declared(),
      &LSTMCellImpl::declared(),
      &GRUCellImpl::declared(),
      &RNNCellImpl::declared(),
      &ReLUImpl::declared(),
      &GELUImpl::declared(),
      &SiLUImpl::declared(),
      &SigmoidImpl::declared(),
      &TanhImpl::declared(),
      &SoftmaxImpl::declared(),
      &LogSoftmaxImpl::declared(),
      &SoftminImpl::declared(),
      &Softmax2dImpl::declared(),
      &GLUImpl::declared(),
      &LeakyReLUImpl::declared(),
      &PReLUImpl::declared(),
      &RReLUImpl::declared(),
      &HardtanhImpl::declared(),
      &ReLU6Impl::declared(),
      &HardsigmoidImpl::declared(),
      &HardswishImpl::declared(),
      &HardshrinkImpl::declared(),
      &SoftshrinkImpl::declared(),
      &ThresholdImpl::declared(),
      &ELUImpl::declared(),
      &CELUImpl::declared(),
      &SELUImpl::declared(),
      &SoftplusImpl::declared(),
      &LogSigmoidImpl::declared(),
      &MishImpl::declared(),
      &SoftsignImpl::declared(),
      &TanhshrinkImpl::declared(),
      &FlattenImpl::declared(),
      &UnfoldImpl::declared(),
      &FoldImpl::declared(),
      &PixelShuffleImpl::declared(),
      &PixelUnshuffleImpl::declared(),
      &ChannelShuffleImpl::declared(),
      &UnflattenImpl::declared(),
      &UpsampleImpl::declared(),
      &UpsamplingNearest2dImpl::declared(),
      &UpsamplingBilinear2dImpl::declared(),
      &IdentityImpl::declared(),
      &CrossEntropyLossImpl::declared(),
      &NLLLossImpl::declared(),
      &MSELossImpl::declared(),
      &L1LossImpl::declared(),
      &BCEWithLogitsLossImpl::declared(),
      &NLLLoss2dImpl::declared(),
      &SmoothL1LossImpl::declared(),
      &HuberLossImpl::declared(),
      &BCELossImpl::declared(),
      &KLDivLossImpl::declared(),
      &PoissonNLLLossImpl::declared(),
      &GaussianNLLLossImpl::declared(),
      &SoftMarginLossImpl::declared(),
      &HingeEmbeddingLossImpl::declared(),
      &MarginRankingLossImpl::declared(),
      &CosineEmbeddingLossImpl::declared(),
      &MultiMarginLossImpl::declared(),
      &MultiLabelMarginLossImpl::declared(),
      &MultiLabelSoftMarginLossImpl::declared(),
      &TripletMarginLossImpl::declared(),
  };
  return all;
}

}  // namespace lamina::nn
