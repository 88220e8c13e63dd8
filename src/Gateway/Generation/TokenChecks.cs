using System.Collections.Immutable;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Errors;

namespace XLLM.Gateway.Generation;

/// <summary>Token ids from outside must be tokens of the model.</summary>
internal static class TokenChecks
{
    public static void Check(GenerationParameters parameters, int vocabularySize)
    {
        foreach (TokenBias bias in parameters.LogitBias)
        {
            if (bias.Token >= vocabularySize)
            {
                throw Unknown("logit_bias", bias.Token, vocabularySize);
            }
        }

        foreach (int token in parameters.StopTokenIds)
        {
            if (token >= vocabularySize)
            {
                throw Unknown("stop_token_ids", token, vocabularySize);
            }
        }
    }

    public static void CheckPrompt(ImmutableArray<int> prompt, int vocabularySize, string path)
    {
        if (prompt.IsEmpty)
        {
            throw ApiException.Invalid(path, $"'{path}' has no tokens; at least one is needed.");
        }

        CheckVocabulary(prompt, vocabularySize, path);
    }

    public static void CheckVocabulary(ImmutableArray<int> tokens, int vocabularySize, string path)
    {
        foreach (int token in tokens)
        {
            if ((uint)token >= (uint)vocabularySize)
            {
                throw Unknown(path, token, vocabularySize);
            }
        }
    }

    private static ApiException Unknown(string path, int token, int vocabularySize) => ApiException.Invalid(
        path, $"'{path}' has token {token}; tokens of this model are 0 to {vocabularySize - 1}.");
}
