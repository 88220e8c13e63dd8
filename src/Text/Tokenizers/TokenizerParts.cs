using XLLM.Text.Tokenizers.AddedTokens;
using XLLM.Text.Tokenizers.Decoders;
using XLLM.Text.Tokenizers.Models;
using XLLM.Text.Tokenizers.Normalizers;
using XLLM.Text.Tokenizers.PostProcessors;
using XLLM.Text.Tokenizers.PreTokenizers;

namespace XLLM.Text.Tokenizers;

/// <summary>The stages a <see cref="PipelineTokenizer"/> is put together from.</summary>
internal sealed record TokenizerParts(
    AddedVocabulary Added,
    INormalizer? Normalizer,
    IPreTokenizer? PreTokenizer,
    ITokenModel Model,
    PostProcessor PostProcessor,
    TokenDecoder Decoder,
    TokenizerConfig Config);
