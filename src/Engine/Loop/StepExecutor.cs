using XLLM.Engine.Execution;

namespace XLLM.Engine.Loop;

/// <summary>
/// Runs a frame's step and samples it. Used by one thread at a time; logits are reused from step to step, and no longer needed
/// when a frame is done.
/// </summary>
internal sealed class StepExecutor(IModelRunner runner, StepMemory memory, TimeSpan patience, TimeProvider time)
{
    private readonly int _vocabulary = runner.Model.VocabularySize;
    private readonly StepSampler _sampler = new(runner, patience);
    private readonly int _hiddenSize = runner.Model.EmbeddingSize;
    private float[] _logits = [];
    private float[] _hidden = [];

    /// <summary>Computes and samples the frame, which is settled; what the runner throws is the frame's error.</summary>
    public void Run(StepFrame frame)
    {
        frame.Started = frame.Ended = frame.Sampled = time.GetTimestamp();
        try
        {
            memory.Run(frame.Memory);
            if (frame.Input.SequenceCount == 0)
            {
                return;
            }

            Span<float> logits = Room(ref _logits, frame.Input.OutputCount, _vocabulary);
            Span<float> hidden = Room(ref _hidden, frame.Input.HiddenCount, _hiddenSize);
            frame.Graphs = default;
            frame.Started = time.GetTimestamp();
            runner.LayersDone = 0;
            frame.IsComputing = true;
            Run(frame, logits, hidden);
            frame.Ended = time.GetTimestamp();
            frame.IsComputing = false;
            frame.Graphs = runner.GraphCounts;
            StepPooler.Pool(frame, hidden, _hiddenSize);
            _sampler.Sample(frame, _logits.AsMemory(0, logits.Length));
            frame.Sampled = time.GetTimestamp();
        }
        catch (Exception exception)
        {
            frame.Error = exception;
        }
        finally
        {
            frame.IsComputing = false;
        }
    }

    private void Run(StepFrame frame, Span<float> logits, Span<float> hidden)
    {
        if (hidden.IsEmpty)
        {
            runner.Run(frame.Input, logits);
        }
        else
        {
            runner.Run(frame.Input, logits, hidden);
        }
    }

    private static Span<float> Room(ref float[] values, int rows, int width)
    {
        int length = checked(rows * width);
        if (values.Length < length)
        {
            int roomy = (int)Math.Min(2L * values.Length, Array.MaxLength);
            values = GC.AllocateUninitializedArray<float>(Math.Max(length, roomy));
        }

        return values.AsSpan(0, length);
    }
}
