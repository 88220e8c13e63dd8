using System.Reflection;
using System.Reflection.Emit;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Serialization;

namespace XLLM.Compat.Tests.Rules;

/// <summary>
/// What Orleans' analyzers refuse at compile time, the stand-in refuses when a type is first used and when a silo starts. The
/// types are made at run time: the analyzers would refuse them here.
/// </summary>
public sealed class RuleTests
{
    private static readonly ModuleBuilder Module = AssemblyBuilder
        .DefineDynamicAssembly(new AssemblyName("XLLM.Compat.Tests.Bad"), AssemblyBuilderAccess.Run).DefineDynamicModule("bad");

    private static readonly Serializer Serializer =
        new ServiceCollection().AddSerializer().BuildServiceProvider().GetRequiredService<Serializer>();

    private static int _last;

    [Fact]
    public void A_member_without_an_id_is_refused()
    {
        var type = SerializableType(("A", 0), ("B", null));

        Assert.Contains("ORLEANS0004", RefusalOf(type), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_members_with_one_id_are_refused()
    {
        var type = SerializableType(("A", 3), ("B", 3));

        Assert.Contains("ORLEANS0012", RefusalOf(type), StringComparison.Ordinal);
    }

    [Fact]
    public void A_type_with_good_members_is_taken() =>
        Assert.True(Serializer.CanSerialize(SerializableType(("A", 0), ("B", 1))));

    [Theory]
    [InlineData(typeof(string), "ORLEANS0009")]
    [InlineData(typeof(int), "ORLEANS0009")]
    [InlineData(typeof(List<int>), "ORLEANS0009")]
    public void A_method_with_another_return_type_is_refused(Type returns, string rule) =>
        Assert.Contains(rule, RefusalOfInterface(b => Method(b, "M", returns)), StringComparison.Ordinal);

    [Fact]
    public void A_method_with_a_ref_parameter_is_refused() => Assert.Contains(
        "ORLEANS0002",
        RefusalOfInterface(b => Method(b, "M", typeof(Task), typeof(int).MakeByRefType())),
        StringComparison.Ordinal);

    [Fact]
    public void Two_methods_with_one_alias_are_refused() => Assert.Contains(
        "same name 'twice'",
        RefusalOfInterface(b =>
        {
            foreach (var name in new[] { "M", "N" })
            {
                Method(b, name, typeof(Task)).SetCustomAttribute(new CustomAttributeBuilder(
                    typeof(AliasAttribute).GetConstructors()[0], ["twice"]));
            }
        }),
        StringComparison.Ordinal);

    [Fact]
    public void A_property_is_refused() => Assert.Contains(
        "ORLEANS0008",
        RefusalOfInterface(b =>
        {
            var getter = Method(b, "get_P", typeof(int));
            b.DefineProperty("P", PropertyAttributes.None, typeof(int), null).SetGetMethod(getter);
        }),
        StringComparison.Ordinal);

    private static string RefusalOf(Type type)
    {
        var e = Assert.ThrowsAny<Exception>(() => Serializer.CanSerialize(type));
        return (e as TargetInvocationException)?.InnerException!.Message ?? e.Message;
    }

    private static string RefusalOfInterface(Action<TypeBuilder> define)
    {
        var builder = Module.DefineType(
            $"IBad{Interlocked.Increment(ref _last)}",
            TypeAttributes.Interface | TypeAttributes.Abstract | TypeAttributes.Public);
        builder.AddInterfaceImplementation(typeof(IGrainWithStringKey));
        define(builder);
        var type = builder.CreateType();
        return Assert.Throws<OrleansConfigurationException>(() => Grains.Factory.GetGrain(GrainId.Create("x",
            "y")).Cast(type)).Message;
    }

    private static MethodBuilder Method(TypeBuilder builder, string name, Type returns, params Type[] parameters) =>
        builder.DefineMethod(
            name,
            MethodAttributes.Public | MethodAttributes.Abstract | MethodAttributes.Virtual | MethodAttributes.HideBySig
                | MethodAttributes.NewSlot,
            returns,
            parameters);

    private static Type SerializableType(params (string Name, int? Id)[] members)
    {
        var builder = Module.DefineType($"Bad{Interlocked.Increment(ref _last)}", TypeAttributes.Public);
        builder.SetCustomAttribute(new CustomAttributeBuilder(typeof(GenerateSerializerAttribute).GetConstructor([])!, []));
        foreach (var (name, id) in members)
        {
            var field = builder.DefineField(name, typeof(int), FieldAttributes.Public);
            if (id is { } number)
            {
                field.SetCustomAttribute(new CustomAttributeBuilder(typeof(IdAttribute).GetConstructors()[0], [(uint)number]));
            }
        }

        return builder.CreateType();
    }
}
