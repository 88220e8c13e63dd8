using System.Reflection;

namespace Orleans.Runtime;

/// <summary>A call on its way through the caller's filters.</summary>
internal sealed class OutgoingCall<TResult>(
    Node node, GrainReference target, MethodDescriptor method, object?[] arguments, IOutgoingGrainCallFilter[] filters)
    : IOutgoingGrainCallContext
{
    private int _stage;

    public object Grain => target;

    public MethodInfo InterfaceMethod => method.Method;

    public string InterfaceName => method.Owner.Name.ToString();

    public GrainInterfaceType InterfaceType => method.Owner.Name;

    public string MethodName => method.Method.Name;

    public GrainId? SourceId => SourceContext?.GrainId;

    public GrainId TargetId => target.GrainId;

    public IGrainContext? SourceContext { get; } = RuntimeContext.Current;

    public object? Result { get; set; }

    public async Task<TResult> RunAsync()
    {
        await Invoke();
        return (TResult)Result!;
    }

    public async Task Invoke()
    {
        if (_stage < filters.Length)
        {
            await filters[_stage++].Invoke(this);
        }
        else if (method.IsOneWay)
        {
            node.SendOneWay(target, method, arguments);
        }
        else
        {
            Result = await node.CallAsync<TResult>(target, method, arguments);
        }
    }
}
