using System.Security.Cryptography;
using XLLM.Contracts.Fleet;
using XLLM.Engine.Execution;
using XLLM.Scheduling.Batching;

namespace XLLM.Engine.Speculation;

/// <summary>Makes what the options name.</summary>
internal static class SpeculatorFactory
{
    /// <summary>Null when speculation is off.</summary>
    /// <exception cref="ArgumentException">A draft model is missing, not wanted, or of another vocabulary.</exception>
    public static Speculator? Create(
        SpeculationOptions options, InstanceDescriptor target, BatchLimits limits, IModelRunner? draft, TimeProvider time)
    {
        if ((draft is not null) != (options.Method == SpeculationMethod.Draft))
        {
            throw new ArgumentException(draft is null
                ? "Speculation.Method is Draft, but no draft model was given."
                : $"A draft model was given, but Speculation.Method is {options.Method}; Draft was expected.");
        }

        if (draft is not null && draft.Model.VocabularySize != target.Model.VocabularySize)
        {
            throw new ArgumentException(
                $"The draft model {draft.Model.Name} has a vocabulary of {draft.Model.VocabularySize} tokens, "
                + $"{target.Model.Name} one of {target.Model.VocabularySize}; they must be the same.");
        }

        IDraftSource? source = options.Method switch
        {
            SpeculationMethod.Ngram => new NgramSource(options),
            SpeculationMethod.Suffix => new SuffixSource(options, BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4))),
            SpeculationMethod.Draft => new ModelSource(draft!, options.MaxDraftTokens, limits.MaxRunning),
            _ => null,
        };
        return source is null ? null : new Speculator(options, source, target.Id, target.Model.ContextLength, time);
    }
}
