using System.Collections.Concurrent;
using System.Linq.Expressions;
using System.Reflection;
using System.Reflection.Emit;

namespace Orleans.Runtime;

/// <summary>
/// Makes the proxy class of an interface: a <see cref="GrainReference"/> whose methods box their arguments and send.
/// </summary>
internal static class ProxyEmitter
{
    private static readonly ConcurrentDictionary<Assembly, ModuleBuilder> Modules = new();
    private static readonly Lock Emitting = new();

    public static Func<INodeRuntime, InterfaceDescriptor, GrainId, GrainReference> Emit(InterfaceDescriptor descriptor)
    {
        lock (Emitting)
        {
            var module = Modules.GetOrAdd(descriptor.Type.Assembly, CreateModule);
            var builder = module.DefineType(
                $"Proxy{module.GetTypes().Length}_{descriptor.Type.FullName}",
                TypeAttributes.Public | TypeAttributes.Sealed,
                typeof(GrainReference),
                [descriptor.Type]);
            EmitConstructor(builder);
            foreach (var method in descriptor.Methods)
            {
                EmitMethod(builder, method);
            }

            var constructor = builder.CreateType().GetConstructors()[0];
            var parameters = constructor.GetParameters().Select(p => Expression.Parameter(p.ParameterType)).ToArray();
            return Expression.Lambda<Func<INodeRuntime, InterfaceDescriptor, GrainId, GrainReference>>(
                Expression.New(constructor, parameters), parameters).Compile();
        }
    }

    private static ModuleBuilder CreateModule(Assembly interfaces)
    {
        var name = new AssemblyName($"{typeof(ProxyEmitter).Assembly.GetName().Name}.Proxies.{interfaces.GetName().Name}");
        var assembly = AssemblyBuilder.DefineDynamicAssembly(name, AssemblyBuilderAccess.Run);
        var ignores = typeof(System.Runtime.CompilerServices.IgnoresAccessChecksToAttribute).GetConstructors()[0];

        // Internal interfaces, and the internal methods of GrainReference.
        foreach (var open in new[] { interfaces, typeof(ProxyEmitter).Assembly }.Distinct())
        {
            assembly.SetCustomAttribute(new CustomAttributeBuilder(ignores, [open.GetName().Name]));
        }

        return assembly.DefineDynamicModule("proxies");
    }

    private static void EmitConstructor(TypeBuilder builder)
    {
        Type[] parameters = [typeof(INodeRuntime), typeof(InterfaceDescriptor), typeof(GrainId)];
        var il = builder.DefineConstructor(MethodAttributes.Public, CallingConventions.HasThis, parameters).GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Ldarg_2);
        il.Emit(OpCodes.Ldarg_3);
        il.Emit(OpCodes.Call, typeof(GrainReference).GetConstructor(
            BindingFlags.Instance | BindingFlags.NonPublic, parameters)!);
        il.Emit(OpCodes.Ret);
    }

    private static void EmitMethod(TypeBuilder builder, MethodDescriptor descriptor)
    {
        var method = builder.DefineMethod(
            $"{descriptor.Method.DeclaringType!.FullName}.{descriptor.Method.Name}",
            MethodAttributes.Private | MethodAttributes.Virtual | MethodAttributes.Final | MethodAttributes.HideBySig
                | MethodAttributes.NewSlot,
            descriptor.Method.ReturnType,
            descriptor.ParameterTypes);
        var il = method.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldc_I4, descriptor.Index);
        il.Emit(OpCodes.Ldc_I4, descriptor.ParameterTypes.Length);
        il.Emit(OpCodes.Newarr, typeof(object));
        for (var i = 0; i < descriptor.ParameterTypes.Length; i++)
        {
            il.Emit(OpCodes.Dup);
            il.Emit(OpCodes.Ldc_I4, i);
            il.Emit(OpCodes.Ldarg, (short)(i + 1));
            if (descriptor.ParameterTypes[i].IsValueType)
            {
                il.Emit(OpCodes.Box, descriptor.ParameterTypes[i]);
            }

            il.Emit(OpCodes.Stelem_Ref);
        }

        il.Emit(OpCodes.Call, Target(descriptor));
        il.Emit(OpCodes.Ret);
        builder.DefineMethodOverride(method, descriptor.Method);
    }

    private static MethodInfo Target(MethodDescriptor descriptor)
    {
        var name = descriptor.Kind switch
        {
            ReturnKind.Void => nameof(GrainReference.InvokeVoid),
            ReturnKind.Task => nameof(GrainReference.InvokeTask),
            ReturnKind.TaskOf => nameof(GrainReference.InvokeTaskOf),
            ReturnKind.ValueTask => nameof(GrainReference.InvokeValueTask),
            ReturnKind.ValueTaskOf => nameof(GrainReference.InvokeValueTaskOf),
            _ => nameof(GrainReference.InvokeEnumerable),
        };
        var method = typeof(GrainReference).GetMethod(name, BindingFlags.Instance | BindingFlags.NonPublic)!;
        return method.IsGenericMethodDefinition ? method.MakeGenericMethod(descriptor.ResultType) : method;
    }
}
