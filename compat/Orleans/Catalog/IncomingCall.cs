using System.Reflection;

namespace Orleans.Runtime;

/// <summary>A request on its way through the silo's filters, then the grain's own.</summary>
internal sealed class IncomingCall(Activation activation, object target, Message message, IIncomingGrainCallFilter[] filters)
    : IIncomingGrainCallContext
{
    private int _stage;

    public object Grain => target;

    public IGrainContext TargetContext => activation;

    public MethodInfo InterfaceMethod => message.Method!.Method;

    public MethodInfo ImplementationMethod
    {
        get
        {
            var map = target.GetType().GetInterfaceMap(InterfaceMethod.DeclaringType!);
            return map.TargetMethods[Array.IndexOf(map.InterfaceMethods, InterfaceMethod)];
        }
    }

    public string InterfaceName => InterfaceType.ToString();

    public GrainInterfaceType InterfaceType => message.Method!.Owner.Name;

    public string MethodName => InterfaceMethod.Name;

    public GrainId? SourceId => message.SendingGrain.IsDefault ? null : message.SendingGrain;

    public GrainId TargetId => message.TargetGrain;

    public object? Result { get; set; }

    public async Task<object?> RunAsync()
    {
        await Invoke();
        return Result;
    }

    public async Task Invoke()
    {
        var stage = _stage++;
        if (stage < filters.Length)
        {
            await filters[stage].Invoke(this);
        }
        else if (stage == filters.Length && target is IIncomingGrainCallFilter own)
        {
            await own.Invoke(this);
        }
        else
        {
            Result = await message.Method!.Invoker.InvokeAsync(target, message.Arguments);
        }
    }
}
