namespace XLLM.Engine.Loop;

internal enum EngineCommandKind
{
    /// <summary>A request on a committed lease.</summary>
    Start = 0,

    /// <summary>Somebody wants the request ended, paused or resumed.</summary>
    Wish = 1,

    /// <summary>Somebody waits for an audit.</summary>
    Audit = 2,
}
