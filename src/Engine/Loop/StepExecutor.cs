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
    private float[] _logits = [];

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

            int length = checked(frame.Input.OutputCount * _vocabulary);
            if (_logits.Length < length)
            {
                int roomy = (int)Math.Min(2L * _logits.Length, Array.MaxLength);
                _logits = GC.AllocateUninitializedArray<float>(Math.Max(length, roomy));
            }

            frame.Graphs = default;
            frame.Started = time.GetTimestamp();
            runner.LayersDone = 0;
            frame.IsComputing = true;
            runner.Run(frame.Input, _logits.AsSpan(0, length));
            frame.Ended = time.GetTimestamp();
            frame.IsComputing = false;
            frame.Graphs = runner.GraphCounts;
            _sampler.Sample(frame, _logits.AsMemory(0, length));
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
}
