using System.Diagnostics.CodeAnalysis;

namespace GlueOrleans.GrainInterfaces;

/// <summary>Why a grain said no. One for each Glue error that a caller can cause; the gateway has the table.</summary>
public enum RefusalKind
{
    Unset = 0,
    InvalidInput,
    EntityNotFound,
    AlreadyExists,
    IdempotentParameterMismatch,
    ConcurrentRunsExceeded,
    ResourceNumberLimitExceeded,
}

/// <summary>An expected "no", with the sentence the caller reads.</summary>
[GenerateSerializer, Alias("Refusal"), Immutable]
public sealed record Refusal([property: Id(0)] RefusalKind Kind, [property: Id(1)] string Message)
{
    public static Refusal InvalidInput(string message) => new(RefusalKind.InvalidInput, message);

    public static Refusal NotFound(string message) => new(RefusalKind.EntityNotFound, message);
}

public static class Outcome
{
    /// <summary>For values whose static type is an interface, which C# does not convert implicitly.</summary>
    public static Outcome<T> Of<T>(T value)
        where T : notnull => new() { Value = value };
}

/// <summary>The answer of a grain: a value, or a refusal. Exceptions are left to broken contracts and broken machines.</summary>
[GenerateSerializer, Alias("Outcome`1"), Immutable]
public readonly record struct Outcome<T>
    where T : notnull
{
    [Id(0)]
    public T? Value { get; init; }

    [Id(1)]
    public Refusal? Refusal { get; init; }

    [MemberNotNullWhen(true, nameof(Refusal))]
    [MemberNotNullWhen(false, nameof(Value))]
    public bool IsRefused => Refusal is not null;

    public static implicit operator Outcome<T>(T value) => new() { Value = value };

    public static implicit operator Outcome<T>(Refusal refusal) => new() { Refusal = refusal };
}
