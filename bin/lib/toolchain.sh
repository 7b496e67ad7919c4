# shellcheck shell=sh
# Finds a JDK and a Maven that can build Weir, and installs what is missing where it may. Sourced by the scripts in bin/; POSIX sh.
#
# After weir_toolchain, JAVA_HOME is exported and mvn is on the PATH. If something is missing and can't be installed, the exact line to
# type is printed and the shell exits with 3. WEIR_NO_INSTALL=1 forbids installing.

WEIR_MIN_JAVA=17
WEIR_MIN_MAVEN=3.8.7

weir_say() { printf '%s\n' "weir: $*" >&2; }

# Prints the major version of the JDK in the folder $1; nothing if there is no complete JDK (a compiler too) that runs.
weir_jdk_major() {
    [ -x "$1/bin/javac" ] && [ -x "$1/bin/java" ] || return 0
    "$1/bin/javac" -version 2>&1 </dev/null | sed -n 's/^javac \([0-9][0-9]*\).*/\1/p'
}

# Prints the folders that may hold a JDK, the most wanted first.
weir_jdk_places() {
    [ -z "${JAVA_HOME:-}" ] || printf '%s\n' "$JAVA_HOME"
    weir_javac=$(command -v javac 2>/dev/null || :)
    if [ -n "$weir_javac" ] && command -v readlink >/dev/null 2>&1; then
        weir_javac=$(readlink -f "$weir_javac" 2>/dev/null || printf '%s' "$weir_javac")
        printf '%s\n' "${weir_javac%/bin/javac}"
    fi
    if [ -x /usr/libexec/java_home ]; then
        /usr/libexec/java_home -v "$WEIR_MIN_JAVA+" 2>/dev/null || :
    fi
    for weir_place in /usr/lib/jvm/* /opt/java/* /opt/jdk* /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
        /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home "${HOME:-/nowhere}"/.sdkman/candidates/java/*; do
        [ ! -d "$weir_place" ] || printf '%s\n' "$weir_place"
    done
}

# shellcheck disable=SC2120
# Prints the first JDK whose major version is exactly $1, or, without $1, at least the minimum.
weir_find_jdk() {
    weir_jdk_places | while IFS= read -r weir_place; do
        weir_major=$(weir_jdk_major "$weir_place")
        [ -n "$weir_major" ] || continue
        if [ "${1:-$weir_major}" -eq "$weir_major" ] && [ "$weir_major" -ge "$WEIR_MIN_JAVA" ]; then
            printf '%s\n' "$weir_place"
            break
        fi
    done
}

# True if version $1 is at least version $2; only the first three numbers count.
weir_at_least() {
    # shellcheck disable=SC2046
    set -- $(printf '%s.0.0' "$1" | tr -c '0-9.' '.' | tr '.' ' ' | awk '{print $1, $2, $3}') \
        $(printf '%s.0.0' "$2" | tr '.' ' ' | awk '{print $1, $2, $3}')
    [ "$1" -gt "$4" ] || { [ "$1" -eq "$4" ] && { [ "$2" -gt "$5" ] || { [ "$2" -eq "$5" ] && [ "$3" -ge "$6" ]; }; }; }
}

weir_maven_version() { "$1" -version 2>/dev/null </dev/null | sed -n 's/.*Apache Maven \([0-9][0-9.]*\).*/\1/p'; }

# Prints the first mvn that is new enough.
weir_find_maven() {
    for weir_mvn in "${MAVEN_HOME:-/nowhere}/bin/mvn" "${M2_HOME:-/nowhere}/bin/mvn" "$(command -v mvn 2>/dev/null || :)" \
        /usr/share/maven/bin/mvn /opt/maven/bin/mvn /opt/apache-maven*/bin/mvn \
        "${HOME:-/nowhere}"/.sdkman/candidates/maven/current/bin/mvn; do
        [ -x "$weir_mvn" ] || continue
        weir_version=$(weir_maven_version "$weir_mvn")
        if [ -n "$weir_version" ] && weir_at_least "$weir_version" "$WEIR_MIN_MAVEN"; then
            printf '%s\n' "$weir_mvn"
            return 0
        fi
    done
}

# The JDK package that apt knows here.
weir_apt_jdk() {
    for weir_package in openjdk-17-jdk-headless openjdk-21-jdk-headless openjdk-25-jdk-headless; do
        if apt-cache show "$weir_package" >/dev/null 2>&1; then
            printf '%s\n' "$weir_package"
            return 0
        fi
    done
    printf '%s\n' default-jdk-headless
}

weir_dnf_jdk() {
    for weir_package in java-17-openjdk-devel java-21-openjdk-devel java-25-openjdk-devel; do
        if dnf -q list "$weir_package" >/dev/null 2>&1 </dev/null; then
            printf '%s\n' "$weir_package"
            return 0
        fi
    done
    printf '%s\n' java-latest-openjdk-devel
}

# Prints the command that installs what $1 names ("jdk", "maven" or "jdk maven"); nothing on an unknown system.
weir_install_line() {
    weir_wanted=''
    for weir_part in $1; do
        case "$weir_manager:$weir_part" in
            apt-get:jdk) weir_wanted="$weir_wanted $(weir_apt_jdk)" ;;
            dnf:jdk) weir_wanted="$weir_wanted $(weir_dnf_jdk)" ;;
            apk:jdk) weir_wanted="$weir_wanted openjdk17" ;;
            brew:jdk) weir_wanted="$weir_wanted openjdk" ;;
            *:maven) weir_wanted="$weir_wanted maven" ;;
        esac
    done
    case "$weir_manager" in
        apt-get) printf '%s\n' "apt-get install -y --no-install-recommends$weir_wanted" ;;
        dnf) printf '%s\n' "dnf install -y$weir_wanted" ;;
        apk) printf '%s\n' "apk add$weir_wanted" ;;
        brew) printf '%s\n' "brew install$weir_wanted" ;;
    esac
}

# Installs what $1 names, or says what to type and exits with 3.
weir_install() {
    weir_manager=''
    for weir_manager in apt-get dnf apk brew ''; do
        [ -z "$weir_manager" ] || ! command -v "$weir_manager" >/dev/null 2>&1 || break
    done
    weir_names=$(printf '%s' "$1" | sed "s/jdk/a JDK $WEIR_MIN_JAVA or newer/; s/ maven/ and maven/; s/maven/Maven $WEIR_MIN_MAVEN or newer/")
    if [ -z "$weir_manager" ]; then
        weir_say "needs $weir_names, and knows no way to install it here. Install it, set JAVA_HOME, put mvn on the PATH, and try again."
        exit 3
    fi

    if [ "$weir_manager" = brew ] || [ "$(id -u)" -eq 0 ]; then
        weir_as=''
        weir_may=yes
    elif command -v sudo >/dev/null 2>&1; then
        weir_as='sudo '
        weir_may=no
        ! sudo -n true >/dev/null 2>&1 </dev/null || weir_may=yes
    else
        weir_as=''
        weir_may=no
    fi
    [ "${WEIR_NO_INSTALL:-}" != 1 ] || weir_may=no

    if [ "$weir_may" = no ]; then
        weir_update=''
        [ "$weir_manager" != apt-get ] || weir_update="${weir_as}apt-get update && "
        weir_root=''
        [ -n "$weir_as" ] || [ "$(id -u)" -eq 0 ] || weir_root=' as root'
        weir_say "needs $weir_names. Type this$weir_root, then try again:"
        printf '    %s\n' "$weir_update$weir_as$(weir_install_line "$1")" >&2
        exit 3
    fi

    if [ "$weir_manager" = apt-get ]; then
        weir_say "needs $weir_names; asking the package manager what it has"
        # shellcheck disable=SC2086
        weir_log=$(DEBIAN_FRONTEND=noninteractive ${weir_as}apt-get -q update 2>&1 </dev/null) || weir_failed "$weir_log" "apt-get update"
    fi
    weir_line=$(weir_install_line "$1")
    weir_say "installing: $weir_as$weir_line"
    # shellcheck disable=SC2086
    weir_log=$($weir_as env DEBIAN_FRONTEND=noninteractive $weir_line 2>&1 </dev/null) || weir_failed "$weir_log" "$weir_line"
}

weir_failed() {
    printf '%s\n' "$1" | tail -n 15 >&2
    weir_say "'$2' failed (its last lines are above). Install it by hand, then try again."
    exit 3
}

# Runs Maven and prints nothing, or, if it fails, what it warned of and why, and exits with 1.
weir_build() {
    weir_log=$(mvn -B -ntp "$@" 2>&1 </dev/null) || {
        printf '%s\n' "$weir_log" | grep -E '^\[(WARNING|ERROR)' | head -n 40 >&2
        weir_say "the build failed: mvn $*"
        exit 1
    }
}

weir_toolchain() {
    weir_jdk=$(weir_find_jdk)
    [ -z "$weir_jdk" ] || export JAVA_HOME="$weir_jdk"
    # Maven needs a Java to say its own version: without one, look only for the program.
    weir_maven=''
    if [ -n "$weir_jdk" ]; then
        weir_maven=$(weir_find_maven)
    else
        weir_maven=$(command -v mvn 2>/dev/null || :)
    fi
    weir_missing=''
    [ -n "$weir_jdk" ] || weir_missing='jdk'
    [ -n "$weir_maven" ] || weir_missing="${weir_missing:+$weir_missing }maven"
    if [ -n "$weir_missing" ]; then
        weir_install "$weir_missing"
        weir_jdk=$(weir_find_jdk)
        [ -z "$weir_jdk" ] || export JAVA_HOME="$weir_jdk"
    fi
    weir_maven=$(weir_find_maven)
    if [ -z "$weir_jdk" ]; then
        weir_say "found no JDK $WEIR_MIN_JAVA or newer (this system's packages have none). Install one, set JAVA_HOME to it, and try again."
        exit 3
    fi
    if [ -z "$weir_maven" ]; then
        weir_say "found no Maven $WEIR_MIN_MAVEN or newer (this system's package is older). Unpack one, put its bin on the PATH, and try again."
        exit 3
    fi
    case "$weir_maven" in
        "$(command -v mvn 2>/dev/null || :)") ;;
        *) PATH="${weir_maven%/mvn}:$PATH" && export PATH ;;
    esac
}
