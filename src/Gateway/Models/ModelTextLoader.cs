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

        return new ModelText(new TokenizerCodec(tokenizer), LoadTemplate(card, tokenizer.Config), SamplingDefaultsFile.Read(path));
    }

    private IChatRenderer LoadTemplate(ModelCard card, TokenizerConfig config)
    {
        if (config.ChatTemplate is not { } source)
        {
            return new NoTemplateRenderer("it has no chat template.");
        }

        try
        {
            return new TemplateRenderer(ChatTemplate.Parse(source), config.SpecialTokens, time);
        }
        catch (TemplateException exception)
        {
            logger.TemplateUnusable(card.Name, exception);
            return new NoTemplateRenderer($"its chat template is not usable ({exception.Message}).");
        }
    }
}
