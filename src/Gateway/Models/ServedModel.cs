using XLLM.Contracts.Fleet;
using XLLM.Gateway.Text;

namespace XLLM.Gateway.Models;

/// <summary>A model that some instance serves, with its tokenizer and template loaded here.</summary>
/// <param name="Card">What the instances say of it.</param>
/// <param name="BlockTokens">Tokens of a KV block, the same for all instances of the model.</param>
/// <param name="Text">Its tokenizer, template and sampling advice.</param>
internal sealed record ServedModel(ModelCard Card, int BlockTokens, ModelText Text)
{
    public ITextCodec Codec => Text.Codec;
}
