using Microsoft.Extensions.Logging;
using XLLM.Contracts.Fleet;
using XLLM.Gateway.Text;
using XLLM.Text.ChatTemplates;
using XLLM.Text.Tokenizers;

namespace XLLM.Gateway.Models;

/// <summary>Loads tokenizer, template and sampling advice from a Hugging Face folder or a GGUF file.</summary>
internal sealed class ModelTextLoader(TimeProvider time, ILogger<ModelTextLoader> logger) : IModelTextLoader
{
    public ModelText Load(ModelCard card, string path)
    {
        Tokenizer tokenizer = TokenizerLoader.Load(path);
        if (tokenizer.VocabularySize > card.VocabularySize)
        {
            logger.VocabularyLarger(card.Name, tokenizer.VocabularySize, card.VocabularySize);
        }

        return new ModelText(new TokenizerCodec(tokenizer), LoadTemplate(card, ChatTemplateSource.Of(tokenizer.Config)), SamplingDefaultsFile.Read(path));
    }

    private IChatRenderer LoadTemplate(ModelCard card, ChatTemplateSource source)
    {
        if (source.Choose(hasTools: false) is not { } plain)
        {
            return new NoTemplateRenderer("it has no chat template.");
        }

        try
        {
            ChatTemplate template = ChatTemplate.Parse(plain);
            string withTools = source.Choose(hasTools: true)!;
            return new TemplateRenderer(
                template, withTools == plain ? template : ChatTemplate.Parse(withTools), source.SpecialTokens, time);
        }
        catch (TemplateException exception)
        {
            logger.TemplateUnusable(card.Name, exception);
            return new NoTemplateRenderer($"its chat template is not usable ({exception.Message}).");
        }
    }
}
