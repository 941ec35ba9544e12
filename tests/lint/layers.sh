# Includes follow the table of layers. One file includes an outside library. Of
# another layer, only its door is included. Made-up trees show that each rule
# can fail.
. "$(dirname "$0")/lib.sh"

# lint ROOT: one line for each include that is wrong.
lint()
{
    (cd "$1" && find src cgi-bin -name '*.[ch]' | sort | while read -r f; do
        awk -v file="$f" '
        BEGIN {
            # layer: what it may include, beside itself
            may["base"] = ""
            may["assets"] = may["conf"] = may["heap"] = may["image"] = "base"
            may["store"] = may["sound"] = "base"
            may["pool"] = "base image"
            may["challenge"] = "base image pool sound store"
            may["http"] = "assets base conf challenge"
            may["serve"] = "app base http"
            may["app"] = "base conf heap image pool sound store challenge"
            may["ctl"] = "app assets base conf heap image pool sound store"
            may["ctl"] = may["ctl"] " challenge"
            may["cgi-bin"] = "app base serve"
            # headers for other layers; all of base are
            door["conf/settings.h"] = door["conf/site_file.h"] = 1
            door["conf/test_keys.h"] = 1
            door["assets/assets.h"] = door["assets/lang.h"] = 1
            door["image/generator.h"] = 1
            door["heap/snapshot.h"] = door["heap/heap.h"] = 1
            door["sound/bank.h"] = door["sound/clip.h"] = 1
            door["sound/mix.h"] = door["sound/sets.h"] = 1
            door["store/store.h"] = 1
            door["pool/pool.h"] = 1
            door["challenge/challenge.h"] = 1
            door["challenge/token.h"] = 1
            door["http/http.h"] = 1
            door["serve/loop.h"] = door["serve/cgi.h"] = 1
            door["serve/prefork.h"] = door["serve/arguments.h"] = 1
            door["serve/notify.h"] = 1
            door["app/app.h"] = door["app/options.h"] = 1
            door["app/sandbox.h"] = 1
            # outside headers: the one file that may name them
            home["sqlite3.h"] = "src/store/sqlite_open.h"
            home["hiredis/hiredis.h"] = "src/store/redis_link.c"
            home["hiredis.h"] = "src/store/redis_link.c"
            home["sodium.h"] = "src/base/crypt.c"
            home["utf8proc.h"] = "src/base/utf8.c"
            home["seccomp.h"] = "src/app/sandbox.c"
            # heap.c: documents of any size, where json.c reads one form
            home["jansson.h"] = "src/http/json.c src/heap/heap.c"
            home["fcgiapp.h"] = "nobody"
            home["fcgi_stdio.h"] = "nobody"
            home["png.h"] = "nobody"
            home["zlib.h"] = "src/image/png.c"
            home["ft2build.h"] = "src/image/glyph.c"
            split(file, part, "/")
            layer = part[1] == "src" ? part[2] : part[1]
        }
        function wrong(why) { printf "%s:%d: %s\n", file, NR, why }
        function allowed(list, name) {
            return index(" " list " ", " " name " ") > 0
        }
        !/^[ \t]*#[ \t]*include/ { next }
        {
            what = $0
            sub(/^[ \t]*#[ \t]*include[ \t]*/, "", what)
            n_includes++
        }
        n_includes == 1 && file ~ /\.c$/ && what !~ /^"base\/base\.h"/ {
            wrong("the first include of a .c is base/base.h")
        }
        what ~ /^</ {
            name = substr(what, 2, index(what, ">") - 2)
            if (name in home && !allowed(home[name], file))
                wrong(name " belongs to " home[name])
            else if (name ~ /^(freetype|freetype2|libpng|hiredis)/ &&
                     !(name in home))
                wrong(name " is not the header of that library")
            next
        }
        what ~ /^FT_/ {
            if (home["ft2build.h"] != file)
                wrong("FreeType belongs to " home["ft2build.h"])
            next
        }
        what ~ /^"/ {
            name = substr(what, 2)
            name = substr(name, 1, index(name, "\"") - 1)
            if (name in home) {
                wrong(name " is an outside header: <" name ">")
            } else if (name ~ /\.\./) {
                wrong(name " leaves its directory")
            } else if (name !~ /\//) {
                if (name != "config.h")
                    wrong(name " does not name its layer")
            } else {
                to = name
                sub(/\/.*/, "", to)
                if (!(to in may))
                    wrong(name " is of no layer")
                else if (to != layer && !allowed(may[layer], to))
                    wrong(layer " may not include " to)
                else if (to != layer && to != "base" && !(name in door))
                    wrong(name " is private to " to)
            }
            next
        }
        { wrong("an include of another form") }
        ' "$f"
    done)
}

holds 'every include follows the table' lint "$CF_SRCDIR"
rc=0
[ "$(find "$CF_SRCDIR/src" -name '*.[ch]' | wc -l)" -gt 50 ] || rc=1
result $rc 'the files of the tree were found'

# finds FILE INCLUDE FAULT: what is printed of such a file; '' for nothing
finds()
{
    rm -rf "$TRASH/tree"
    mkdir -p "$TRASH/tree/src" "$TRASH/tree/cgi-bin" \
        "$(dirname "$TRASH/tree/$1")"
    {
        echo '/* Made up. */'
        case $1 in
        *.c) echo '#include "base/base.h"' ;;
        esac
        echo "$2"
    } >"$TRASH/tree/$1"
    if [ -z "$3" ]; then
        holds "$1 may have $2" lint "$TRASH/tree"
    else
        prints "$3" "$1 may not have $2" lint "$TRASH/tree"
    fi
}

finds src/base/x.c '#include "pool/pool.h"' 'base may not include pool'
finds src/base/x.h '#include "store/store.h"' 'base may not include store'
finds src/conf/x.c '#include "store/store.h"' 'conf may not include store'
finds src/image/x.c '#include "conf/settings.h"' 'image may not include conf'
finds src/app/x.c '#include "conf/conf.h"' 'private to conf'
finds src/pool/x.c '#include "store/store.h"' 'pool may not include store'
finds src/store/x.c '#include "pool/pool.h"' 'store may not include pool'
finds src/image/x.c '#include "pool/pool.h"' 'image may not include pool'
finds src/http/x.c '#include "store/store.h"' 'http may not include store'
finds src/http/x.c '#include "image/generator.h"' 'http may not include'
finds src/serve/x.c '#include "challenge/challenge.h"' 'serve may not include'
finds src/challenge/x.c '#include "http/http.h"' 'challenge may not'
finds src/challenge/x.c '#include "app/app.h"' 'challenge may not'
finds src/app/x.c '#include "http/http.h"' 'app may not include http'
finds src/ctl/x.c '#include "serve/loop.h"' 'ctl may not include serve'
finds cgi-bin/x.c '#include "store/store.h"' 'cgi-bin may not include store'
finds src/challenge/x.c '#include "pool/ready.h"' 'private to pool'
finds src/app/x.c '#include "store/sqlite.h"' 'private to store'
finds src/pool/x.c '#include "image/glyph.h"' 'private to image'
finds src/http/x.c '#include "tests/support/x.h"' 'is of no layer'
finds src/http/x.c '#include "../pool/pool.h"' 'leaves its directory'
finds src/http/x.c '#include "request.h"' 'does not name its layer'
finds src/http/x.c '#  include  "store/store.h"' 'http may not include store'
finds src/pool/x.c '#include <sqlite3.h>' 'belongs to src/store/sqlite_open.h'
finds src/store/store.c '#include <sqlite3.h>' 'belongs to src/store'
finds src/http/api_native.c '#include <jansson.h>' 'belongs to src/http/json.c'
finds src/base/x.c '#include <sodium.h>' 'belongs to src/base/crypt.c'
finds src/challenge/x.c '#include <utf8proc.h>' 'belongs to src/base/utf8.c'
finds src/serve/x.c '#include <seccomp.h>' 'belongs to src/app/sandbox.c'
finds src/serve/x.c '#include <fcgiapp.h>' 'belongs to nobody'
finds src/serve/loop.c '#include <fcgi_stdio.h>' 'belongs to nobody'
finds src/image/x.c '#include <png.h>' 'belongs to nobody'
finds src/image/x.c '#include <zlib.h>' 'belongs to src/image/png.c'
finds src/image/x.c '#include FT_FREETYPE_H' 'belongs to src/image/glyph.c'
finds src/image/x.c '#include <ft2build.h>' 'belongs to src/image/glyph.c'
finds src/image/x.c '#include <freetype/ftglyph.h>' 'not the header'
finds src/http/x.c '#include "jansson.h"' 'outside header'
finds src/http/x.c '#include HEADER' 'another form'
finds src/http/x.c '#include "challenge/challenge.h"' ''
finds src/http/x.c '#include "http/request.h"' ''
finds src/store/sqlite_open.h '#include <sqlite3.h>' ''
finds src/image/png.c '#include <zlib.h>' ''
finds src/base/x.c '#include <stdio.h>' ''
finds cgi-bin/x.c '#include "serve/arguments.h"' ''

mkdir -p "$TRASH/tree/src/pool"
printf '/* x */\n#include "pool/pool.h"\n#include "base/base.h"\n' \
    >"$TRASH/tree/src/pool/first.c"
prints 'first.c:2: the first include' \
    'a .c may not begin with another include' lint "$TRASH/tree"

plan
