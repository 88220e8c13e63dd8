using XLLM.Gateway.Text;

namespace XLLM.Gateway.Models;

/// <summary>What the gateway knows of a model: words, not weights.</summary>
internal sealed record ModelText(ITextCodec Codec, IChatRenderer Chat, SamplingDefaults Defaults);
