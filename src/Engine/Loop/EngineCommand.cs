namespace XLLM.Engine.Loop;

/// <summary>A message to the engine's thread. <c>Request</c> is null for audits.</summary>
internal readonly record struct EngineCommand(EngineCommandKind Kind, EngineRequest? Request);
