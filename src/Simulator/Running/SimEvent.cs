namespace XLLM.Simulator.Running;

/// <summary>Something that happens at a moment.</summary>
internal readonly record struct SimEvent(SimEventKind Kind, int Instance, long Epoch, SimRequest? Request, int Run);
