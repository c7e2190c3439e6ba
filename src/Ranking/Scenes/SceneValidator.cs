using System.Collections;
using System.Text.Json;
using KgOrleans.Ranking.Filters;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Scenes;

/// <summary>Checks scene documents: their members, and how these fit together. It finds all errors at once, each with its path.</summary>
public static class SceneValidator
{
    /// <summary>Checks a document.</summary>
    /// <param name="document">The document; its members may be null where JSON said so.</param>
    /// <param name="name">Name that it must have; null for any.</param>
    /// <returns>Every error; empty when there is none. Whether the document compiles is not checked here.</returns>
    public static IReadOnlyList<FieldError> Validate(SceneDocument document, string? name = null)
    {
        var checks = new FieldChecks();
        var whole = CheckMembers(checks, "", document);
        if (name is not null && document.Scene != name)
            checks.Add("scene", "mismatch", $"must be the name in the URL, {name}");
        if (document.Scene == SceneLimits.ReservedName)
            checks.Add("scene", "reserved", $"must not be {SceneLimits.ReservedName}, which is reserved");
        // The rules between members need all of them.
        if (whole)
            SceneRules.Check(document, checks);
        return checks.Errors;
    }

    /// <summary>Checks every member of a record against its limit. False when a member is null that must not be.</summary>
    private static bool CheckMembers(FieldChecks checks, string path, object record)
    {
        var whole = true;
        foreach (var member in KgJson.Options.GetTypeInfo(record.GetType()).Properties)
        {
            var at = path.Length == 0 ? member.Name : $"{path}.{member.Name}";
            var value = member.Get!(record);
            if (value is not null)
                whole &= CheckValue(checks, at, value, SceneLimits.Of(member.DeclaringType, member.Name));
            else if (!member.IsGetNullable)
                whole = Missing(checks, at);
        }
        return whole;
    }

    private static bool CheckValue(FieldChecks checks, string at, object value, MemberLimit? limit)
    {
        switch (value)
        {
            case bool:
                return true;
            case int number:
                checks.Range(at, number, limit!.Min, limit.Max);
                return true;
            case double number:
                checks.Range(at, number, limit!.Min, limit.Max);
                return true;
            case string text:
                CheckText(checks, at, text, limit!);
                return true;
            case Enum choice:
                CheckChoice(checks, at, EnumNames.NameOf(choice), limit?.Choices ?? EnumNames.Of(choice.GetType()));
                return true;
            case JsonElement filter:
                ItemFilter.Parse(filter, at, checks);
                return true;
            case IReadOnlyDictionary<string, double> numbers:
                checks.Numbers(at, numbers, limit!.MaxCount, limit.Min, limit.Max);
                return true;
            case IReadOnlyList<string> { } texts when limit!.Choices.Count > 0:
                CheckChoices(checks, at, texts, limit);
                return true;
            case IReadOnlyList<string> ids:
                checks.Ids(at, ids, limit!.MaxCount);
                return true;
            case IDictionary named:
                return CheckNamed(checks, at, named, limit!);
            case IEnumerable list:
                return CheckList(checks, at, [.. list], limit!);
            default:
                return CheckMembers(checks, at, value);
        }
    }

    private static void CheckText(FieldChecks checks, string at, string text, MemberLimit limit)
    {
        if (limit.IsId)
            checks.Id(at, text);
        else if (limit.Choices.Count > 0)
            CheckChoice(checks, at, text, limit.Choices);
        else
            checks.Text(at, text, limit.MaxCount);
    }

    private static void CheckChoice(FieldChecks checks, string at, string value, IReadOnlyList<string> choices)
    {
        if (!choices.Contains(value))
            checks.Add(at, "unknownValue", $"must be one of {string.Join(", ", choices)}");
    }

    private static void CheckChoices(FieldChecks checks, string at, IReadOnlyList<string> texts, MemberLimit limit)
    {
        if (texts.Count > limit.MaxCount)
            checks.Add(at, "tooMany", $"has {texts.Count} entries, at most {limit.MaxCount} are allowed");
        for (var i = 0; i < Math.Min(texts.Count, limit.MaxCount); i++)
            CheckChoice(checks, $"{at}[{i}]", texts[i], limit.Choices);
    }

    private static bool CheckNamed(FieldChecks checks, string at, IDictionary named, MemberLimit limit)
    {
        if (named.Count > limit.MaxCount)
        {
            checks.Add(at, "tooMany", $"has {named.Count} entries, at most {limit.MaxCount} are allowed");
            return true;
        }
        var whole = true;
        foreach (DictionaryEntry entry in named)
        {
            var name = (string)entry.Key;
            if (!Limits.IsId(name))
                checks.Id(FieldChecks.PathOf(at, name), name);
            else
                whole &= entry.Value is null ? Missing(checks, $"{at}.{name}") : CheckMembers(checks, $"{at}.{name}", entry.Value);
        }
        return whole;
    }

    private static bool CheckList(FieldChecks checks, string at, object?[] list, MemberLimit limit)
    {
        if (list.Length > limit.MaxCount)
            checks.Add(at, "tooMany", $"has {list.Length} entries, at most {limit.MaxCount} are allowed");
        if (list.Length < limit.MinCount)
            checks.Add(at, "tooFew", $"has {list.Length} entries, must have at least {limit.MinCount}; leave it out for the default");
        var whole = true;
        for (var i = 0; i < Math.Min(list.Length, limit.MaxCount); i++)
            whole &= list[i] is { } entry ? CheckValue(checks, $"{at}[{i}]", entry, null) : Missing(checks, $"{at}[{i}]");
        return whole && Array.TrueForAll(list, entry => entry is not null);
    }

    private static bool Missing(FieldChecks checks, string at)
    {
        checks.Add(at, "wrongType", "must not be null");
        return false;
    }
}
