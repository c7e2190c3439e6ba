using System.Reflection;

namespace KgOrleans.Grains.Tests.Contracts;

/// <summary>What silos and clients of different versions must agree on: grain methods, serialized members with their ids, enumerations, surrogates.</summary>
internal static class WireContract
{
    /// <summary>The contract of an assembly, in the order of <see cref="ContractLine.Order"/>.</summary>
    /// <remarks>Nullable annotations of references and names of classes that have an alias are no part of it: they change no byte.</remarks>
    public static IReadOnlyList<ContractLine> Of(Assembly assembly)
    {
        var lines = new List<ContractLine>();
        foreach (var type in OwnTypes(assembly))
        {
            if (IsGrain(type))
                AddGrain(type, lines);
            else if (IsSerialized(type))
                AddSerialized(type, lines);
            else if (SurrogateOf(type) is { } pair)
                lines.Add(new ContractLine(WireTypeName.Of(pair.Value), null, "", $"sent as {WireTypeName.Of(pair.Surrogate)}"));
        }
        foreach (var type in Enumerations(assembly))
        {
            lines.Add(new ContractLine(WireTypeName.Of(type), null, "", $"enum {WireTypeName.Of(Enum.GetUnderlyingType(type))}"));
            lines.AddRange(Enum.GetNames(type).Select(name => new ContractLine(WireTypeName.Of(type), Convert.ToInt64(Enum.Parse(type, name)), name, "")));
        }
        return [.. lines.OrderBy(line => line.Order)];
    }

    /// <summary>Grain interfaces, their methods and serialized types that have no alias, so that a renamed class or method would change the wire.</summary>
    public static IEnumerable<string> WithoutAlias(Assembly assembly) =>
        from type in OwnTypes(assembly).Where(t => IsGrain(t) || IsSerialized(t))
        from member in IsGrain(type) ? type.GetMethods().Prepend<MemberInfo>(type) : [type]
        where member.GetCustomAttribute<AliasAttribute>() is null
        select member == type ? type.Name : $"{type.Name}.{member.Name}";

    /// <summary>Per serialized type its members as they are declared.</summary>
    public static IEnumerable<(string Type, IReadOnlyList<(string Member, long Id)> Members)> DeclaredIds(Assembly assembly) =>
        OwnTypes(assembly).Where(IsSerialized).Select(type => (type.Name, (IReadOnlyList<(string, long)>)[.. Members(type).Select(m => (m.Member.Name, m.Id))]));

    private static void AddGrain(Type grain, List<ContractLine> lines)
    {
        var name = WireTypeName.Of(grain);
        lines.Add(new ContractLine(name, null, "", $"grain {string.Join(", ", grain.GetInterfaces().Select(i => i.Name).Where(i => i.StartsWith("IGrainWith", StringComparison.Ordinal)))}"));
        foreach (var method in grain.GetMethods())
        {
            var parameters = string.Join(", ", method.GetParameters().Select(p => $"{WireTypeName.Of(p.ParameterType)} {p.Name}"));
            lines.Add(new ContractLine(name, null, method.GetCustomAttribute<AliasAttribute>()?.Alias ?? method.Name, $"({parameters}): {WireTypeName.Of(method.ReturnType)}"));
        }
    }

    private static void AddSerialized(Type type, List<ContractLine> lines)
    {
        var name = WireTypeName.Of(type);
        var inherited = type.BaseType is { } parent && IsSerialized(parent) ? $" after {WireTypeName.Of(parent)}" : "";
        lines.Add(new ContractLine(name, null, "", (type.IsValueType ? "struct" : "class") + inherited));
        lines.AddRange(Members(type).Select(m => new ContractLine(name, m.Id, m.Member.Name, WireTypeName.Of(TypeOf(m.Member)))));
    }

    // The generated code lies in a namespace of its own.
    private static IEnumerable<Type> OwnTypes(Assembly assembly) =>
        assembly.GetTypes().Where(t => t.Namespace?.StartsWith("OrleansCodeGen", StringComparison.Ordinal) == false);

    private static bool IsGrain(Type type) => type.IsInterface && type.IsAssignableTo(typeof(IGrain));

    private static bool IsSerialized(Type type) => type.GetCustomAttribute<GenerateSerializerAttribute>() is not null;

    private static (Type Value, Type Surrogate)? SurrogateOf(Type type) =>
        type.GetInterfaces().FirstOrDefault(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IConverter<,>)) is { } converter
            ? (converter.GenericTypeArguments[0], converter.GenericTypeArguments[1])
            : null;

    private static IEnumerable<Type> Enumerations(Assembly assembly)
    {
        var used = OwnTypes(assembly).Where(IsSerialized).SelectMany(Members).Select(m => TypeOf(m.Member))
            .Concat(OwnTypes(assembly).Where(IsGrain).SelectMany(g => g.GetMethods()).SelectMany(m => m.GetParameters().Select(p => p.ParameterType).Append(m.ReturnType)));
        return OwnTypes(assembly).Concat(used.SelectMany(WireTypeName.Parts)).Where(t => t.IsEnum).Distinct();
    }

    private static IEnumerable<(MemberInfo Member, long Id)> Members(Type type) =>
        from member in type.GetMembers(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        where member is PropertyInfo or FieldInfo
        let id = member.GetCustomAttribute<IdAttribute>()
        where id is not null
        orderby member.MetadataToken
        select (member, (long)id.Id);

    private static Type TypeOf(MemberInfo member) => member is PropertyInfo property ? property.PropertyType : ((FieldInfo)member).FieldType;
}
